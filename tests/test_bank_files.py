"""Damaged, foreign, newer, read-only and full files, and several processes on one bank."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from phosphene.bank import Bank, Entry, Status, Verdict
from phosphene.bank.migrations import APPLICATION_ID, MIGRATIONS
from phosphene.errors import BankError
from phosphene.program import Dialect, Program

NOBODY = 65534


def programs(count: int, start: int = 0) -> list[Program]:
    return [
        Program.of(Dialect.GLSLSANDBOX, f"void main() {{ gl_FragColor = vec4({i}.); }}")
        for i in range(start, start + count)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        bank.add_entries(Entry.of(p) for p in programs(300))
    return tmp_path / "bank.db"


def test_a_new_bank_is_opened_by_many_at_once(tmp_path: Path) -> None:
    for number in range(15):
        together, failed = threading.Barrier(6), list[Exception]()

        def opened(
            path: Path = tmp_path / f"{number}.db",
            together: threading.Barrier = together,
            failed: list[Exception] = failed,
        ) -> None:
            together.wait()
            try:
                Bank.open(path, create=True).close()
            except BankError as error:
                failed.append(error)

        threads = [threading.Thread(target=opened) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed


def test_a_missing_bank_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BankError, match=r"there is no bank at .*phosphene collect starter"):
        Bank.open(tmp_path / "none.db")
    with pytest.raises(BankError, match=r"folder .*absent does not exist; make it with: mkdir -p"):
        Bank.open(tmp_path / "absent" / "bank.db", create=True)
    with pytest.raises(BankError, match="is a folder; a bank is a file"):
        Bank.open(tmp_path, create=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"just text", b"\x00\xff" * 5000])
def test_what_is_no_bank_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    with pytest.raises(BankError, match=r"notes\.txt is not a bank of Phosphene"):
        Bank.open(file)
    assert file.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE songs (name TEXT)")
        db.commit()
    before = file.read_bytes()
    with pytest.raises(BankError, match="is not a bank of Phosphene"):
        Bank.open(file, create=True)
    assert file.read_bytes() == before


def test_a_newer_bank_is_refused_with_what_to_do(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 3}")
    known = len(MIGRATIONS)
    with pytest.raises(
        BankError,
        match=rf"made by a newer Phosphene \(bank version {known + 3}.*up to {known}\).*pip",
    ):
        Bank.open(path)


def test_an_older_bank_is_brought_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    with contextlib.closing(sqlite3.connect(file)) as db:
        for step in MIGRATIONS[:2]:
            step(db)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 2")
        db.commit()
    with pytest.raises(BankError, match=r"from an older Phosphene .* read-only"):
        Bank.open(file, read_only=True)
    with Bank.open(file) as bank:
        assert bank.select().program_ids == ()
        assert bank.sources() == ()


def test_a_cut_off_file_gives_one_clear_line(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(BankError, match="the file is damaged; restore a copy"):
        list(Bank.open(path).programs())


def test_a_damaged_program_is_named(path: Path) -> None:
    victim = programs(1)[0].id
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE contents SET json_zlib = x'1234' WHERE program = 1")
        db.commit()
    with Bank.open(path) as bank:
        with pytest.raises(BankError, match=f"program {victim} is damaged"):
            bank.program(victim)
        assert bank.program(programs(2)[1].id) == programs(2)[1]


def test_a_full_disk_loses_nothing_that_was_stored(path: Path) -> None:
    with Bank.open(path) as bank:
        digest = bank.digest()
        # SQLite answers with the same error whether the disk or the file's allowance is used up.
        bank._db.write("PRAGMA max_page_count = 1")
        with pytest.raises(BankError, match=r"the disk is full; free some space and run .* again"):
            bank.add_entries(Entry.of(p) for p in programs(3000, 1000))
        assert bank.digest() == digest
        bank._db.write("PRAGMA max_page_count = 100000000")
        assert bank.add_entries(Entry.of(p) for p in programs(3000, 1000)) == 3000


def test_a_failed_transaction_leaves_no_part_behind(path: Path) -> None:
    with Bank.open(path) as bank:
        with contextlib.suppress(BankError), bank.writing():
            bank.add(programs(1, 5000)[0])
            bank.record_verdicts([Verdict("f" * 32, Status.ACCEPTED)])
        assert len(bank) == 300
        assert bank.add(programs(1, 5000)[0])


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user may enter; pytest's own are for their owner only."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def run_unprivileged(code: str, argument: Path) -> subprocess.CompletedProcess[str]:
    """Runs code as a user to whom permissions apply; they do not to root."""
    drop = f"import os; os.getuid() or (os.setgid({NOBODY}), os.setuid({NOBODY}));"
    imports = "import sys; from phosphene.bank import *; from phosphene.program import *;"
    return subprocess.run(
        [sys.executable, "-c", imports + drop + code, str(argument)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_read_only_bank_is_read_and_refuses_writing(path: Path, open_folder: Path) -> None:
    file = Path(shutil.copy(path, open_folder / "bank.db"))
    file.chmod(0o444)
    open_folder.chmod(0o555)
    code = "b = Bank.open(sys.argv[1]); print(len(list(b.programs())), b.read_only);"
    write = "b.add(Program.of(Dialect.SHADERTOY, 'void mainImage() {}'))"
    done = run_unprivileged(code + write, file)
    assert done.stdout.split() == ["300", "True"]
    assert "BankError" in done.stderr.splitlines()[-1]
    assert "bank.db is read-only; make the file and its folder writable" in done.stderr


def test_a_read_only_bank_that_was_not_closed_is_not_read_by_half(open_folder: Path) -> None:
    file = open_folder / "bank.db"
    writer = Bank.open(file, create=True)
    writer.add(programs(1)[0])
    copy = open_folder / "copy"
    copy.mkdir()
    for name in ("bank.db", "bank.db-wal"):
        shutil.copy(open_folder / name, copy / name)
        (copy / name).chmod(0o444)
    writer.close()
    copy.chmod(0o555)
    done = run_unprivileged("print(len(Bank.open(sys.argv[1])))", copy / "bank.db")
    copy.chmod(0o755)
    assert "was not closed cleanly and cannot be repaired in a read-only folder" in done.stderr


def test_a_second_writer_waits_and_then_says_why(path: Path) -> None:
    with Bank.open(path) as first, Bank.open(path, patience=0.2) as second:
        with first.writing():
            first.add(programs(1, 400)[0])
            with pytest.raises(BankError, match="another process is writing to it; wait until"):
                second.add(programs(1, 401)[0])
            assert len(second) == 300  # reading goes on
        assert second.add(programs(1, 401)[0])
        assert len(second) == len(first) == 302


WRITER = """
import sys
from phosphene.bank import Bank
from phosphene.program import Dialect, Program
bank = Bank.open(sys.argv[1], create=True)
for i in range(int(sys.argv[2]), int(sys.argv[3])):
    bank.add(Program.of(Dialect.GLSLSANDBOX, f"void main() {{ gl_FragColor = vec4({i}.); }}"))
"""


def test_two_processes_fill_one_new_bank(tmp_path: Path) -> None:
    file = tmp_path / "shared.db"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, file, str(low), str(high)])
        for low, high in ((0, 200), (100, 300))
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    with Bank.open(file) as bank:
        assert len(bank) == 300
        assert {p.id for p in bank.programs()} == {p.id for p in programs(300)}


def test_threads_share_a_bank(path: Path) -> None:
    ids = [p.id for p in programs(300)]
    with Bank.open(path) as bank:
        seen: list[int] = []

        def work(start: int) -> None:
            bank.add_entries(Entry.of(p) for p in programs(50, start))
            seen.append(sum(1 for _ in bank.programs(ids)))

        threads = [threading.Thread(target=work, args=(1000 * i,)) for i in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == [300] * 4
        assert len(bank) == 500


def test_a_closed_bank_says_so_in_one_line(path: Path) -> None:
    bank = Bank.open(path)
    bank.close()
    with pytest.raises(BankError, match=os.fspath(path)):
        len(bank)
