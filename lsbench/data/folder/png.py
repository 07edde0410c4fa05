"""The chunks of a PNG, without their content."""

import struct

SIGNATURE = 8  # bytes
AMONG_PIXELS = (b"IDAT", b"fdAT", b"fcTL", b"IEND")


def has_late_chunks(path: str) -> bool:
    """Whether a PNG has anything but pixels and its end after the first pixels, such as text or EXIF."""
    are_pixels_over = False
    with open(path, "rb") as file:
        file.seek(SIGNATURE)
        while len(head := file.read(8)) == 8:
            length, kind = struct.unpack(">I4s", head)
            if are_pixels_over and kind not in AMONG_PIXELS:
                return True
            are_pixels_over = are_pixels_over or kind == b"IDAT"
            file.seek(length + 4, 1)  # the content and its checksum
    return False
