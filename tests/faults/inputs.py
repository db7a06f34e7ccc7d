"""Bad files of ratings and of reviews: what people, other programs and attackers give, drawn at random."""

import bz2
import gzip
import io
import json
import os
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

ENDINGS = "csv tsv txt zip gz json jsonl parquet xlsx dat bz2 xz zst 7z pdf html".split()
FIELDS = (
    "",
    " ",
    "12345678901234567890123456",
    "1e999",
    "-1",
    "nan",
    "inf",
    "5/7",
    "★★★★",
    "Heat (١٩٩٣)",
    "\u202eHeat (1995)",
    "x" * 100_000,
    '"',
    "'",
    "\x00",
    "=HYPERLINK(1)",
    "<script>alert(1)</script>",
    "0x10",
    "1,5",
    "1995-13-45",
    "true",
    "{}",
)
MEGABYTE = 10**6
Given = tuple[str, bytes]
"""Name and content of a file."""


def table(rng: random.Random, holds: str) -> pd.DataFrame:
    """Return a good table of ratings or of reviews."""
    rows = range(rng.choice([1, 30, 200]))
    if holds == "reviews":
        texts = [" ".join(rng.choices(["slow", "love", "space", "ghost", "fun"], k=20)) for _ in rows]
        # Half of the tables are about films of the made-up ratings.
        made_up = rng.random() < 0.5
        titles = [
            f"Made-up film {row % 9 + 1:03d} ({row % 9 + 1981})" if made_up else f"Heat {row % 9} (1995)"
            for row in rows
        ]
        return pd.DataFrame({"title": titles, "review": texts})
    return pd.DataFrame(
        {
            "userId": [rng.randrange(20) for _ in rows],
            "movieId": [rng.randrange(20) for _ in rows],
            "title": [f"Heat {row % 9} (1995)" for row in rows],
            "rating": [rng.randrange(1, 6) for _ in rows],
        }
    )


def written(rng: random.Random, holds: str) -> Given:
    """Return a good file, in any format."""
    good = table(rng, holds)
    delimited = good.to_csv(index=False, sep=rng.choice(",;\t|")).encode()
    packed, parquet, zipped = io.BytesIO(), io.BytesIO(), zipfile.ZIP_DEFLATED
    match rng.choice(["csv", "gz", "bz2", "zip", "json", "jsonl", "parquet"]):
        case "gz":
            return "mine.csv.gz", gzip.compress(delimited)
        case "bz2":
            return "mine.csv.bz2", bz2.compress(delimited)
        case "zip":
            with zipfile.ZipFile(packed, "w", zipped) as file:
                file.writestr(rng.choice(["ratings.csv", "a/b/mine.csv", "../mine.csv", "u.data"]), delimited)
            return "mine.zip", packed.getvalue()
        case "json":
            return "mine.json", good.to_json(orient=rng.choice(["records", "columns", "split"])).encode()
        case "jsonl":
            return "mine.jsonl", good.to_json(orient="records", lines=True).encode()
        case "parquet":
            good.to_parquet(parquet)
            return "mine.parquet", parquet.getvalue()
    return "mine.csv", delimited


def noise(rng: random.Random, holds: str) -> Given:
    return f"mine.{rng.choice(ENDINGS)}", rng.randbytes(rng.choice([0, 1, 10, 1000, 100_000]))


def cut(rng: random.Random, holds: str) -> Given:
    name, content = written(rng, holds)
    return name, content[: rng.randrange(len(content))]


def flipped(rng: random.Random, holds: str) -> Given:
    name, content = written(rng, holds)
    changed = bytearray(content)
    for _ in range(rng.choice([1, 5, 50])):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return name, bytes(changed)


def misnamed(rng: random.Random, holds: str) -> Given:
    return f"mine.{rng.choice(ENDINGS)}", written(rng, holds)[1]


def odd_fields(rng: random.Random, holds: str) -> Given:
    odd = table(rng, holds).astype(object)
    for _ in range(rng.choice([1, len(odd)])):
        odd.iloc[rng.randrange(len(odd)), rng.randrange(odd.shape[1])] = rng.choice(FIELDS)
    if rng.random() < 0.3:
        column = rng.choice(list(odd))
        odd[column] = [rng.choice(FIELDS) for _ in range(len(odd))]
    return "mine.csv", odd.to_csv(index=False).encode("utf-8", "surrogatepass")


def odd_columns(rng: random.Random, holds: str) -> Given:
    odd = table(rng, holds)
    match rng.randrange(5):
        case 0:
            odd = odd.iloc[:, : rng.randrange(odd.shape[1])]
        case 1:
            odd.columns = pd.Index([rng.choice(FIELDS) for _ in odd])
        case 2:
            odd = pd.concat([odd, odd], axis=1)
        case 3:
            odd = odd.T
        case 4:
            odd = pd.DataFrame({f"c{number}": [1] for number in range(20_000)})
    return "mine.csv", odd.to_csv(index=False).encode()


def ragged(rng: random.Random, holds: str) -> Given:
    lines = table(rng, holds).to_csv(index=False).splitlines()
    for _ in range(rng.choice([1, len(lines)])):
        lines[rng.randrange(len(lines))] += rng.choice([",", ",,,,", '"', '",', "\x00", "\r", ";"])
    return "mine.csv", "\n".join(lines).encode()


def odd_encoding(rng: random.Random, holds: str) -> Given:
    text = table(rng, holds).to_csv(index=False).replace("Heat", "Жара é")
    name = rng.choice(["utf-16", "utf-16-le", "utf-32", "utf-7", "cp037", "koi8-r", "utf-8-sig", "gb18030"])
    return "mine.csv", rng.choice([b"", b"\xff\xfe", b"\xef\xbb\xbf"]) + text.encode(name, "replace")


def odd_parquet(rng: random.Random, holds: str) -> Given:
    good = pa.Table.from_pandas(table(rng, holds), preserve_index=False)
    rows = good.num_rows
    strange = (
        pa.array([[1]] * rows),
        pa.array([{"a": 1}] * rows),
        pa.array([b"\xff\x00"] * rows),
        pa.array([None] * rows),
        pa.array([1.5] * rows),
        pa.array([b"x"] * rows, pa.binary(1)),
        pa.array(["x" * 11_000_000]).dictionary_encode().take(pa.array([0] * min(rows, 60))),
    )
    position, column = rng.randrange(good.num_columns), rng.choice(strange)
    if len(column) == rows:
        changed = good.set_column(position, good.column_names[position], column)
    else:
        changed = pa.table(dict.fromkeys(good.column_names, column))
    if rng.random() < 0.3:
        changed = changed.append_column(changed.column_names[0], changed.column(0))
    file = io.BytesIO()
    pq.write_table(changed, file, compression="zstd")
    return "mine.parquet", file.getvalue()


def bomb(rng: random.Random, holds: str) -> Given:
    """Return a small file of 100 MB or more: zeros, lines, or rows."""
    head = table(rng, holds).to_csv(index=False).encode()
    line = head.splitlines()[-1] + b"\n"
    block = rng.choice([b"\0" * MEGABYTE, b"x" * MEGABYTE, b"\n" * MEGABYTE, line * (MEGABYTE // len(line))])
    # Packed by block, which takes a hundredth of the time.
    much = gzip.compress(head, 1) + gzip.compress(block, 1) * 100
    match rng.randrange(3):
        case 0:
            return "mine.csv.gz", much
        case 1:
            return "mine.csv.gz", gzip.compress(much * 20, 1)
    packed, files = io.BytesIO(), rng.choice([1, 12])
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for number in range(files):
            file.writestr(f"{number}.csv", head + block * (100 // files))
    return "mine.zip", packed.getvalue()


def odd_zip(rng: random.Random, holds: str) -> Given:
    """Return a zip file with a password, an unknown method, no files, or very many."""
    packed = io.BytesIO()
    kind = rng.randrange(5)
    with zipfile.ZipFile(packed, "w") as file:
        if kind == 2:
            pass
        elif kind == 3:
            for number in range(20_000):
                file.writestr(f"{number}.csv", "")
        elif kind == 4:
            file.writestr("inner.zip", written(rng, holds)[1])
        else:
            file.writestr("mine.csv", table(rng, holds).to_csv(index=False))
    content = bytearray(packed.getvalue())
    if kind < 2:
        directory = content.rindex(b"PK\x01\x02")
        # The flag of encryption, or the method, in both headers of the file.
        for at in (6, directory + 8) if kind else (8, directory + 10):
            struct.pack_into("<H", content, at, 1 if kind else rng.choice([1, 6, 97, 99]))
    return "mine.zip", bytes(content)


def odd_json(rng: random.Random, holds: str) -> Given:
    rows = table(rng, holds).to_dict("records")
    strange = (
        "[" * 200_000,
        '{"a":' * 100_000,
        json.dumps(rows)[:-1],
        json.dumps({"a": {"b": rows}}),
        json.dumps([[row] for row in rows]),
        json.dumps([*rows, 1, None, "x"]),
        json.dumps([{**row, "rating": {"a": [1]}} for row in rows]),
        '{"title": "\\ud800", "review": "\\udfff"}',
        "\n".join(json.dumps(row) for row in rows) + "\n{",
        "null",
        '"x"',
        "9" * 10_000,
        json.dumps([{f"k{number}": 1} for number in range(5000)]),
    )
    return rng.choice(["mine.json", "mine.jsonl"]), rng.choice(strange).encode()


CONTENTS: tuple[Callable[[random.Random, str], Given], ...] = (
    noise,
    cut,
    flipped,
    misnamed,
    odd_fields,
    odd_columns,
    ragged,
    odd_encoding,
    odd_parquet,
    bomb,
    odd_zip,
    odd_json,
)


def given_file(rng: random.Random, holds: str) -> Given:
    """Return a bad file of ratings or of reviews."""
    return rng.choice(CONTENTS)(rng, holds)


def given_path(rng: random.Random, holds: str, folder: Path) -> Path:
    """Return a path in a folder: of a bad file, or of what is none."""
    path = folder / "mine.csv"
    match rng.randrange(20):
        case 0:
            path.mkdir()
        case 1:
            os.mkfifo(path)
        case 2:
            path.symlink_to(path.name)
        case 3:
            return Path(
                rng.choice(["/dev/zero", "/dev/null", "/proc/self/mem", str(path), f"{path}/x", "x" * 300])
            )
        case 4:
            path.mkdir()
            for _ in range(rng.randrange(1, 4)):
                name, content = given_file(rng, holds)
                (path / name).write_bytes(content)
        case _:
            name, content = given_file(rng, holds)
            path = folder / name
            path.write_bytes(content)
    return path
