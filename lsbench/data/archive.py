"""What reading an npz file raises, if it is damaged or something else: a list that every reader of one shares."""

import zipfile
import zlib

DAMAGED: tuple[type[Exception], ...] = (
    *(OSError, EOFError, ValueError, LookupError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error),
)
ODD: tuple[type[Exception], ...] = (*DAMAGED, TypeError, MemoryError)  # and arrays of another kind or a wild shape
