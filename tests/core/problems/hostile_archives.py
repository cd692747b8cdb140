"""Archives that mean harm: bombs, and names that lead elsewhere."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.core.problems.cifar_archives import CIFAR10, members, packed

GB = 10**9
BLOCK = 10_000_000
FIRST = CIFAR10.train[0]


def repeated(data: bytes, count: int, *, before: bytes = b"") -> bytes:
    """Return gzip of ``before`` and then ``count`` times ``data``, made in no time."""
    piece = gzip.compress(data, compresslevel=6, mtime=0)
    return gzip.compress(before, mtime=0) + piece * count


def header(name: str, size: int, *, kind: bytes = tarfile.REGTYPE) -> bytes:
    """Return the header of one member of a tar archive."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def tar_bomb(kind: bytes, name: str = FIRST) -> bytes:
    """Return a tar archive whose first member says that it has 10 GB, and has."""
    start = header(name, 10 * GB, kind=kind)
    return repeated(bytes(BLOCK), 10 * GB // BLOCK, before=start)


def many_members(count: int) -> bytes:
    """Return a tar archive of very many empty members."""
    return repeated(header("x", 0) * 1000, count // 1000)


def with_members(extra: Mapping[str, bytes], *links: tarfile.TarInfo) -> bytes:
    """Return a sound archive, with more in it than there should be."""
    return packed({**extra, **members(CIFAR10, 2)}, *links)


def link(name: str, kind: bytes, target: str) -> tarfile.TarInfo:
    """Return a member that is no file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def raw(name: bytes) -> bytes:
    """Return a sound archive after a member whose name holds any bytes at all."""
    block = bytearray(header("a" * len(name), 0))
    block[: len(name)] = name
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    rest = gzip.decompress(packed(members(CIFAR10, 2)))
    return gzip.compress(bytes(block) + rest, compresslevel=1, mtime=0)


def duplicates() -> bytes:
    """Return an archive in which every member is there twice."""
    content = members(CIFAR10, 2)
    once = gzip.decompress(packed(content))
    end = once.rstrip(b"\0")
    size = -(-len(end) // 512) * 512
    return gzip.compress(once[:size] + once, compresslevel=1, mtime=0)


# In the place of CIFAR-10: these have to be refused, the harmless ones may be read.
TARS: Mapping[str, Callable[[], bytes]] = {
    "bomb of 10 GB": lambda: repeated(bytes(BLOCK), 10 * GB // BLOCK),
    "member of 10 GB": lambda: tar_bomb(tarfile.REGTYPE),
    "other member of 10 GB": lambda: tar_bomb(tarfile.REGTYPE, "readme"),
    "long name of 10 GB": lambda: tar_bomb(tarfile.GNUTYPE_LONGNAME, "x"),
    "long link of 10 GB": lambda: tar_bomb(tarfile.GNUTYPE_LONGLINK, "x"),
    "extended header of 10 GB": lambda: tar_bomb(tarfile.XHDTYPE, "x"),
    "global header of 10 GB": lambda: tar_bomb(tarfile.XGLTYPE, "x"),
    "sparse member of 10 GB": lambda: tar_bomb(tarfile.GNUTYPE_SPARSE),
    "1,000,000 members": lambda: many_members(1_000_000),
}
HARMLESS: Mapping[str, Callable[[], bytes]] = {
    "names that climb": lambda: with_members({"../up": b"1", "a/../../up": b"2"}),
    "absolute names": lambda: with_members({"/tmp/up": b"1", "C:\\up": b"2"}),
    "symbolic link out": lambda: with_members(
        {"out/up": b"1"}, link("out", tarfile.SYMTYPE, "..")
    ),
    "hard link out": lambda: with_members(
        {}, link("up", tarfile.LNKTYPE, "../../etc/passwd")
    ),
    "device and pipe": lambda: with_members(
        {}, link("disk", tarfile.BLKTYPE, ""), link("pipe", tarfile.FIFOTYPE, "")
    ),
    "duplicate names": duplicates,
    "NUL in a name": lambda: raw(b"up\0/../../up"),
    "line breaks in a name": lambda: raw(b"up\n\x1b[2J\r"),
    "no letters in a name": lambda: raw(b"\xff\xfe\xfd"),
    "reserved names": lambda: with_members(
        dict.fromkeys(("CON", "nul.txt", "aux", "COM1", "a:b", "x."), b"1")
    ),
}


def npy(shape: tuple[int, ...], dtype: str) -> bytes:
    """Return the header of an array."""
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def zip_of(names: Mapping[str, bytes], *, packing: int = zipfile.ZIP_STORED) -> bytes:
    """Return a zip of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, data in names.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=packing)
    return buffer.getvalue()


def deflated(start: bytes, zeros: int) -> bytes:
    """Return a deflated stream of ``start`` and very many zeros, in no time."""
    first = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = first.compress(start) + first.flush(zlib.Z_FULL_FLUSH)
    piece = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = piece.compress(bytes(BLOCK)) + piece.flush(zlib.Z_FULL_FLUSH)
    return data + block * (zeros // BLOCK) + b"\x03\x00"


def zip_bomb(said: int) -> bytes:
    """Return an npz whose images unfold to 10 GB, and say that they are ``said``."""
    start = npy((said // 3072, 32, 32, 3), "|u1")
    body = deflated(start, 10 * GB)
    name = b"x.npy"
    labels = zip_of({"y.npy": npy((said // 3072,), "|i1") + bytes(said // 3072)})
    # Behind the first member comes a whole archive, whose list is made one longer.
    size = min(len(start) + said, 0xFFFFFFFE)
    fields = (20, 0, 8, 0, 33, 0, len(body), size, len(name), 0)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", *fields) + name + body
    at = labels.index(b"PK\1\2")
    end = labels.index(b"PK\5\6")
    entry = bytearray(labels[at:end])
    entry[42:46] = struct.pack("<I", len(local))
    mine = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, *fields, 0, 0, 0, 0, 0) + name
    listed = mine + bytes(entry)
    tail = struct.pack(
        "<4s4H2IH", b"PK\5\6", 0, 0, 2, 2, len(listed), len(local) + at, 0
    )
    return local + labels[:at] + listed + tail


def zip_of_many(count: int) -> bytes:
    """Return a zip whose list names very many members."""
    one = zip_of({"x": b""})
    at, end = one.index(b"PK\1\2"), one.index(b"PK\5\6")
    listed = one[at:end] * count
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(listed), at, 0)
    return one[:at] + listed + tail


SOUND = {
    "x.npy": npy((4, 8, 8), "|u1") + bytes(256),
    "y.npy": npy((4,), "|i1") + bytes([0, 1, 0, 1]),
}
ZIPS: Mapping[str, Callable[[], bytes]] = {
    "images of 10 GB": lambda: zip_bomb(10 * GB),
    "images of 3 GB out of 10 MB": lambda: zip_bomb(3 * GB),
    "1,000,000 members": lambda: zip_of_many(1_000_000),
    "another packing": lambda: zip_of(SOUND, packing=zipfile.ZIP_LZMA),
    "bzip2": lambda: zip_of(SOUND, packing=zipfile.ZIP_BZIP2),
    "no end": lambda: zip_of(SOUND)[:-30],
}
HARMLESS_ZIPS: Mapping[str, Callable[[], bytes]] = {
    "names that climb": lambda: zip_of({"../up": b"1", "/tmp/up": b"", **SOUND}),
    "reserved names": lambda: zip_of({"CON": b"1", "nul.npy": b"2", **SOUND}),
    "NUL in a name": lambda: zip_of(SOUND | {"upNup": b"1"}).replace(
        b"upNup", b"up\0up"
    ),
    "more than is said": lambda: zip_bomb(3072 * 64),
}


def write(folder: Path, name: str, data: bytes) -> Path:
    """Write an archive where it is looked for."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    return path
