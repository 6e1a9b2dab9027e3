"""The bank's tables, as small named steps from one version to the next.

`PRAGMA user_version` counts the steps a file has seen. A step is never changed once it was released;
a new one is added below.
"""

from __future__ import annotations

import sqlite3

APPLICATION_ID = 0x50484F53
"""`PRAGMA application_id` of every bank: "PHOS" in ASCII."""


def create_programs(db: sqlite3.Connection) -> None:
    """Programs and where they were met.

    Contents stand in a table of their own, so that a selection reads the small rows only.
    """
    db.execute(
        """CREATE TABLE programs (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            dialect TEXT NOT NULL,
            unserved TEXT,
            structure TEXT NOT NULL DEFAULT '',
            licence TEXT NOT NULL DEFAULT 'unknown',
            basis TEXT NOT NULL DEFAULT 'unknown',
            added TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
        )"""
    )
    db.execute("CREATE INDEX programs_structure ON programs (structure, id)")
    db.execute(
        """CREATE TABLE contents (
            program INTEGER PRIMARY KEY REFERENCES programs (seq),
            json_zlib BLOB NOT NULL
        )"""
    )
    db.execute(
        """CREATE TABLE provenance (
            program INTEGER NOT NULL REFERENCES programs (seq),
            origin TEXT NOT NULL,
            location TEXT NOT NULL,
            author TEXT NOT NULL,
            title TEXT NOT NULL,
            year INTEGER,
            licence TEXT NOT NULL,
            basis TEXT NOT NULL,
            statement TEXT NOT NULL,
            PRIMARY KEY (program, origin, location)
        ) WITHOUT ROWID"""
    )


def create_modules(db: sqlite3.Connection) -> None:
    """What the front end made of a program: a module, or its complaint."""
    db.execute(
        """CREATE TABLE modules (
            program INTEGER PRIMARY KEY REFERENCES programs (seq),
            version TEXT NOT NULL,
            channels TEXT NOT NULL DEFAULT '[]',
            spirv_zlib BLOB,
            optimised_zlib BLOB,
            message TEXT,
            tab TEXT NOT NULL DEFAULT '',
            line INTEGER,
            CHECK ((spirv_zlib IS NULL) <> (message IS NULL))
        )"""
    )


def create_verdicts(db: sqlite3.Connection) -> None:
    """What vetting decided and measured."""
    db.execute(
        """CREATE TABLE verdicts (
            program INTEGER PRIMARY KEY REFERENCES programs (seq),
            status TEXT NOT NULL,
            reason TEXT NOT NULL,
            policy TEXT NOT NULL,
            version TEXT NOT NULL
        )"""
    )
    db.execute(
        """CREATE TABLE measurements (
            program INTEGER NOT NULL REFERENCES programs (seq),
            name TEXT NOT NULL,
            value REAL,
            PRIMARY KEY (program, name)
        ) WITHOUT ROWID"""
    )


def create_imports(db: sqlite3.Connection) -> None:
    """Which items of which sources were read, so that a collection can go on where it stopped."""
    db.execute("CREATE TABLE sources (seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE)")
    db.execute(
        """CREATE TABLE imports (
            source INTEGER NOT NULL REFERENCES sources (seq),
            item TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            outcome TEXT NOT NULL,
            reason TEXT NOT NULL,
            programs INTEGER NOT NULL,
            PRIMARY KEY (source, item)
        ) WITHOUT ROWID"""
    )


def create_features(db: sqlite3.Connection) -> None:
    """What programs look like: a point in vetting's feature space each."""
    db.execute(
        """CREATE TABLE features (
            program INTEGER PRIMARY KEY REFERENCES programs (seq),
            vector BLOB NOT NULL
        )"""
    )


def create_lineage(db: sqlite3.Connection) -> None:
    """What programs were made from, and pictures of those that others read as textures."""
    db.execute(
        """CREATE TABLE lineage (
            program INTEGER NOT NULL REFERENCES programs (seq),
            position INTEGER NOT NULL,
            parent TEXT NOT NULL,
            operation TEXT NOT NULL,
            PRIMARY KEY (program, position)
        ) WITHOUT ROWID"""
    )
    db.execute(
        """CREATE TABLE pictures (
            program INTEGER PRIMARY KEY REFERENCES programs (seq),
            png BLOB NOT NULL
        )"""
    )


def create_families(db: sqlite3.Connection) -> None:
    """How far the literals of programs may vary, and what the CUDA compiler makes of them lifted."""
    db.execute(
        """CREATE TABLE families (
            program INTEGER PRIMARY KEY REFERENCES programs (seq),
            version TEXT NOT NULL,
            strength REAL NOT NULL,
            literals INTEGER NOT NULL,
            optimised_zlib BLOB
        )"""
    )


MIGRATIONS = (
    create_programs,
    create_modules,
    create_verdicts,
    create_imports,
    create_features,
    create_lineage,
    create_families,
)
"""In order; a bank whose user_version is n has seen the first n."""


def migrate(db: sqlite3.Connection) -> None:
    """Takes a new or older bank to this version, in one transaction."""
    db.execute("BEGIN IMMEDIATE")
    try:
        (seen,) = db.execute("PRAGMA user_version").fetchone()
        for step in MIGRATIONS[seen:]:
            step(db)
        if seen < len(MIGRATIONS):
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
