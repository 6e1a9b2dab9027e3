"""`phosphene render`: one program as a picture, or a contact sheet of a bank or a baseline."""

from __future__ import annotations

import argparse
import contextlib
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phosphene.cli.choosing import add_families, add_filters, filters_of
from phosphene.cli.texts import visible
from phosphene.errors import PhospheneError, UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from phosphene.bank import Bank
    from phosphene.program import Program
    from phosphene.spirv import Module
    from phosphene.views import View

    Pixels = npt.NDArray[np.uint8]

_GAP = 4
_SHEET_COUNT = 48
_FAMILY_COUNT = 24
_SHEET_TIME = 3.0


def add_parser(subparsers: Any) -> None:
    """Describes the command."""
    parser = subparsers.add_parser(
        "render",
        help="one program as a picture, or a contact sheet of a bank",
        description="Draws a program of a bank (by its id, or how that begins) or of a file; with --sheet "
        "many programs of a bank, side by side; with --source many pictures of a baseline.",
    )
    parser.add_argument("program", nargs="?", metavar="PROGRAM", help="an id or a file")
    parser.add_argument(
        "-o", "--output", required=True, type=Path, metavar="FILE", help="PNG, JPEG …"
    )
    parser.add_argument("--bank", type=Path, metavar="FILE", help="the bank")
    parser.add_argument(
        "--size", metavar="N|WxH", help="pixels (default: 512; of each on a sheet: 160)"
    )
    parser.add_argument(
        "--time", type=float, default=_SHEET_TIME, metavar="S", help="seconds (default: 3)"
    )
    parser.add_argument(
        "--supersample", type=int, default=1, metavar="N", help="N x N samples a pixel (default: 1)"
    )
    parser.add_argument("--engine", default="auto", help="auto, opengl or cuda (default: auto)")
    parser.add_argument("--sheet", action="store_true", help="a contact sheet of the bank")
    parser.add_argument(
        "--source",
        metavar="NAME",
        help="a contact sheet of a baseline: dead-leaves, fractals, noise, stylegan, folder:DIR or "
        "parquet:FILE",
    )
    add_families(
        parser.add_argument,
        "a PROGRAM's own picture and members of its family beside it, or a --sheet of one member each: "
        "literals deviate",
    )
    parser.add_argument("--columns", type=int, metavar="N", help="of the sheet")
    add_filters(parser)
    parser.add_argument(
        "--count", dest="limit", type=int, metavar="N", help=f"as --limit (default: {_SHEET_COUNT})"
    )


def run(args: argparse.Namespace) -> int:
    """Draws what was asked for."""
    from phosphene.bank import Bank
    from phosphene.glsl import unserved
    from phosphene.uniforms import check_time

    if args.columns is not None and args.columns < 1:
        raise UsageError(f"`--columns` must be 1 or more, got {args.columns}")
    if args.source:
        if args.program or args.bank:
            raise UsageError("`--source` goes with neither PROGRAM nor `--bank`")
        _save(_sheet(_pictures(args), args.columns), args.output)
        return 0
    if args.sheet == bool(args.program):
        raise UsageError("name a PROGRAM, or ask for a --sheet of a --bank or a --source")
    if args.sheet and args.bank is None:
        raise UsageError("`--sheet` needs `--bank FILE`")
    check_time("--time", args.time)
    several = args.sheet or args.families is not None
    width, height = _size(args.size or ("160" if several else "512"))
    with contextlib.ExitStack() as stack:
        bank = stack.enter_context(Bank.open(args.bank, read_only=True)) if args.bank else None
        programs = (
            _chosen(args, bank) if args.sheet and bank is not None else [_program(args, bank)]
        )
        try:
            pixels, refused = _draw(args, programs, bank, width, height)
        except PhospheneError as error:
            if not args.sheet and (kind := unserved(programs[0])):
                raise PhospheneError(f"{args.program} is not served yet: {kind}") from error
            raise
    for program, reason in refused.items():
        if not args.sheet:
            raise PhospheneError(f"{args.program} cannot be drawn: {reason}")
        print(visible(f"{program}: {reason}"))
    _save(_sheet(pixels, args.columns) if several else pixels[0], args.output)
    return 0


def _pictures(args: argparse.Namespace) -> Pixels:
    """Whole pictures of a baseline, uint8 [N, 3, S, S]."""
    from phosphene.baselines import FILES, open_source
    from phosphene.sampling import CameraPolicy

    width, height = _size(args.size or "160")
    if width != height:
        raise UsageError(f"pictures of a baseline are square, got `--size {args.size}`")
    count = _SHEET_COUNT if args.limit is None else args.limit
    if count < 1:
        raise UsageError(f"`--limit` must be 1 or more, got {count}")
    with open_source(
        args.source,
        batch_size=count,
        size=width,
        views=1,
        seed=args.seed,
        camera=CameraPolicy.still(),
        images=count if args.source.partition(":")[0] in FILES else 0,
        canvas=width,
    ) as source:
        return next(source).views[0].numpy()


def _size(text: str) -> tuple[int, int]:
    """ "512" or "640x360" """
    try:
        parts = [int(part) for part in text.lower().split("x")]
    except ValueError:
        parts = []
    if len(parts) not in (1, 2) or not all(1 <= part <= 8192 for part in parts):
        raise UsageError(f"`--size` must be N or WxH, 1 to 8192 each; got {text!r}")
    return parts[0], parts[-1]


def _chosen(args: argparse.Namespace, bank: Bank) -> list[Program]:
    """The programs of a sheet, in the order of their ids."""
    from dataclasses import replace

    filters = filters_of(args)
    limit = _SHEET_COUNT if filters.limit is None else filters.limit
    ids = bank.select_by(replace(filters, limit=limit, servable=True)).program_ids
    if not ids:
        raise UsageError(f"{args.bank} holds no program that fits; see: phosphene bank list")
    return list(bank.programs(ids))


def _program(args: argparse.Namespace, bank: Bank | None) -> Program:
    """The program that PROGRAM names: a file, or an id in the bank."""
    from phosphene.program import Dialect
    from phosphene.sources import open_source, read

    path = Path(args.program)
    if not path.is_file():
        if bank is None:
            raise UsageError(f"{args.program} is no file; an id needs `--bank FILE`")
        return bank.program(bank.find(args.program))
    dialect = Dialect.of_text(args.dialect[0]) if args.dialect else None
    source = open_source(str(path), None, dialect)
    reason = ""
    for item in source.items(lambda key, fingerprint: False):
        reading = read(item, source.context)
        if reading.found:
            return reading.found[0].program
        reason = reason or reading.reason
    raise UsageError(f"{path}: {reason or 'it holds nothing'}")


def _modules(
    programs: Sequence[Program], bank: Bank | None, optimise: bool
) -> Iterator[tuple[str, Module | Exception]]:
    """Program id → its module, from the bank or made here, or why there is none."""
    from phosphene.spirv import FRONT_END_VERSION
    from phosphene.spirv.compiler import ModuleCompiler

    stored = bank.modules([program.id for program in programs]) if bank is not None else {}
    usable = {
        program: module
        for program, module in stored.items()
        if module.version == FRONT_END_VERSION and (module.optimised or not optimise)
    }
    yield from usable.items()
    rest = [program for program in programs if program.id not in usable]
    if rest:
        parents = bank.modules if bank is not None else None
        with ModuleCompiler(min(len(rest), 2), optimise, parents=parents) as compiler:
            for compiled in compiler.map(rest):
                made = compiled.module or compiled.error
                yield compiled.program, made or PhospheneError("the compiler gave no module")


def _draw(
    args: argparse.Namespace,
    programs: Sequence[Program],
    bank: Bank | None,
    width: int,
    height: int,
) -> tuple[Pixels, Mapping[str, str]]:
    """The pictures, uint8 [P, 3, H, W], and the programs that could not be drawn."""
    import numpy as np

    from phosphene.cli.members import lifting
    from phosphene.engines import open_engine, resolve
    from phosphene.spirv import Module
    from phosphene.spirv.module import program_of
    from phosphene.views import RenderRequest

    engine_name = resolve(args.engine)
    modules: dict[str, Module] = {}
    refused: dict[str, str] = {}
    for program, made in _modules(programs, bank, optimise=engine_name == "cuda"):
        if isinstance(made, Module):
            modules[program] = made
        elif args.sheet:
            refused[program] = str(made)
        else:
            raise made
    views = _views(args, [program.id for program in programs], bank, width, height)
    request = RenderRequest.of(views, width, height, args.supersample)
    engine = open_engine(engine_name, lifting(modules))
    try:
        batch = engine.render(request)
    finally:
        engine.close()
    pixels = batch.pixels
    return np.asarray(pixels.cpu() if hasattr(pixels, "cpu") else pixels), {
        **{program_of(name): reason for name, reason in batch.refused.items()},
        **refused,
    }


def _views(
    args: argparse.Namespace, programs: Sequence[str], bank: Bank | None, width: int, height: int
) -> list[View]:
    """What is drawn of the programs."""
    from phosphene.cli.members import members, one_member, safe_strengths
    from phosphene.views import Latent, View

    canvas, latent = (float(width), float(height)), Latent(args.time)
    if args.families is None:
        return [View(program, latent, canvas) for program in programs]
    strengths = safe_strengths(programs, args.families, bank)
    if args.sheet:
        return [one_member(p, strengths[p], args.seed, latent, canvas) for p in programs]
    count = _FAMILY_COUNT if args.limit is None else max(1, args.limit)
    (program,) = programs
    return members(program, strengths[program], count, args.seed, latent, canvas)


def _sheet(pixels: Pixels, columns: int | None) -> Pixels:
    """Pictures side by side, row by row. uint8 [P, 3, H, W] → [3, H', W']."""
    import numpy as np

    count, _, height, width = pixels.shape
    columns = min(count, columns or math.ceil(math.sqrt(count * 1.5 * height / width)))
    rows = -(-count // columns)
    sheet = np.full(
        (3, rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP), 255, np.uint8
    )
    for i, picture in enumerate(pixels):
        y, x = i // columns * (height + _GAP), i % columns * (width + _GAP)
        sheet[:, y : y + height, x : x + width] = picture
    return sheet


def _save(picture: Pixels, path: Path) -> None:
    from PIL import Image

    from phosphene.runs import write_atomically

    encoded = io.BytesIO()
    try:
        kind = Image.registered_extensions()[path.suffix.lower()]
        Image.fromarray(picture.transpose(1, 2, 0)).save(encoded, kind)
    except (KeyError, ValueError) as error:
        raise UsageError(f"`-o` must end in .png, .jpg or the like, got {path}") from error
    try:
        write_atomically(path, encoded.getvalue())
    except OSError as error:
        raise PhospheneError(f"{path} cannot be written: {error.strerror or error}") from error
