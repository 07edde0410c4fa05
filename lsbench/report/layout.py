"""Tables as text: within the width of a terminal, the columns that do not fit below the others, or of full width."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import zip_longest

from lsbench.report.tables import NOT_AVAILABLE, Entry, Table, footnotes, starred
from lsbench.report.text import WHOLE, is_number, width_of, words_of, wrapped

GAP = 2  # spaces between two columns
HEADING_LINES = 3  # at most, where room is short
LEAST_TEXT = 16  # characters that a column of words is given at least
LEAST_NAME = 8
ENOUGH_NAME = 18  # more is given only where no further block comes of it
LEAST_NAMES = 20  # all together

Line = list[tuple[str, bool]]  # pieces of text, and whether a piece is the best of its column


@dataclass(frozen=True)
class TextColumn:
    """One column as text: where it stands in the table, its heading and its fields."""

    place: int
    heading: str
    fields: tuple[Entry, ...]

    @cached_property
    def texts(self) -> list[str]:
        """Its fields, the best with their star."""
        return list(map(starred, self.fields))

    @cached_property
    def is_whole(self) -> bool:
        """Whether no field may be broken."""
        return all(text in ("", NOT_AVAILABLE) or WHOLE.fullmatch(text) for text in self.texts)

    @cached_property
    def flush_right(self) -> bool:
        """Whether it holds numbers."""
        return self.place > 0 and all(is_number(entry.text) for entry in self.fields)

    @cached_property
    def widest(self) -> int:
        """The widest field."""
        return max(map(width_of, self.texts), default=0)

    @cached_property
    def natural(self) -> int:
        """The width at which nothing is broken."""
        return max(3, width_of(self.heading), self.widest)

    def within(self, most: int) -> int:
        """The least width it can do with: numbers are whole, words take at most `most`, the heading a few lines."""
        fields = self.widest if self.is_whole else min(self.widest, most)
        return max(fields, _heading_width(self.heading, HEADING_LINES))


@lru_cache(maxsize=1024)
def _heading_width(heading: str, lines: int) -> int:
    """The least width at which a heading takes so many lines, and no word of it is broken."""
    words = max(map(width_of, words_of(heading)), default=1)
    return next((w for w in range(words, width_of(heading)) if len(wrapped(heading, w)) <= lines), width_of(heading))


@dataclass(frozen=True)
class Block:
    """Columns beside each other, each with its width."""

    columns: tuple[TextColumn, ...]
    widths: tuple[int, ...]


def blocks_of(table: Table, width: int | None) -> list[Block]:
    """The table's columns, as many beside each other as fit; every block begins with what names the lines."""
    columns = [TextColumn(i, heading, tuple(line[i] for line in table.lines)) for i, heading in enumerate(table.header)]
    natural = tuple(column.natural for column in columns)
    if width is None or _total(natural) <= width:
        return [Block(tuple(columns), natural)]
    names = [columns[i] for i in table.named_by if i < len(columns)]
    others = [column for column in columns if column not in names]
    least = {column.place: column.within(max(LEAST_TEXT, width // 3)) for column in others}
    ways = []
    for name_widths in _name_widths(names, others, least, width, table.first):
        widths = least | {column.place: wide for column, wide in zip(names, name_widths, strict=True)}
        groups = _shared_out(others, widths, width - sum(name_widths) - GAP * len(name_widths), table.first)
        ways.append([_block([*names, *group], widths, width) for group in groups])
    return min(ways, key=len)  # of the same number the one with the widest names


def _block(columns: Sequence[TextColumn], widths: Mapping[int, int], width: int) -> Block:
    """Columns beside each other, their headings in as few lines as there is room for."""
    shown = tuple(sorted(columns, key=lambda column: column.place))
    least = tuple(widths[column.place] for column in shown)
    for lines in range(1, HEADING_LINES):
        wider = tuple(max(w, _heading_width(c.heading, lines)) for w, c in zip(least, shown, strict=True))
        if _total(wider) <= width:
            return Block(shown, wider)
    return Block(shown, least)


def fitted(table: Table, width: int | None = None) -> list[Line]:
    """The lines of a table, none wider than `width`; None is as wide as it needs."""
    lines = [*_text(table.title, width), *(line for text in table.above for line in _text(text, width, "  "))]
    for i, block in enumerate(blocks_of(table, width)):
        lines += [*([[]] if i else []), *_drawn(block)]
    return lines + [line for note in table.notes for line in _text(note, width, "  ")]


def plain(tables: Sequence[Table]) -> str:
    """Text of full width, in columns, best marked with *."""
    return "\n\n".join(map(plain_table, tables)) + "\n\n" + "\n".join(footnotes(tables)) + "\n"


def plain_table(table: Table) -> str:
    """One table as text of full width."""
    return "\n".join("".join(text for text, _ in line) for line in fitted(table))


def paragraphs(texts: Sequence[str], width: int | None = None) -> list[str]:
    """The lines of several texts, none wider than `width`, all but the first of each indented."""
    return [text for one in texts for line in _text(one, width, "  ") for text, _ in line]


def _text(text: str, width: int | None, indent: str = "") -> list[Line]:
    return [[(line, False)] for line in ([text] if width is None else wrapped(text, width, indent))]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _name_widths(
    names: Sequence[TextColumn],
    others: Sequence[TextColumn],
    least: Mapping[int, int],
    width: int,
    first: Sequence[str],
) -> list[tuple[int, ...]]:
    """Widths of the names to try, the widest first: as what stands on top, or the widest column, leaves them."""
    beside = width - GAP - _total([least[column.place] for column in others if column.heading in first])
    share = beside if first and beside >= LEAST_NAMES else max(LEAST_NAMES, width * 2 // 5)
    room = min(share, width - GAP - max(least.values(), default=0))
    widths_at = {most: tuple(column.within(most) for column in names) for most in range(width, LEAST_NAME - 1, -1)}
    fit = {most: widths for most, widths in widths_at.items() if _total(widths) <= room} or {
        LEAST_NAME: widths_at[LEAST_NAME]
    }
    widest = max(fit)
    tried = (widest, *range(widest, ENOUGH_NAME, -6), ENOUGH_NAME)
    return list(dict.fromkeys(fit[most] for most in tried if most in fit))


def _shared_out(
    columns: Sequence[TextColumn], widths: Mapping[int, int], room: int, first: Sequence[str]
) -> list[list[TextColumn]]:
    """The columns in blocks: what should be read first on top, then in their order, the later blocks evenly filled."""
    top = _top(columns, widths, room, first) if first else []
    rest = [column for column in columns if column not in top]
    return [*([top] if top else []), *_in_order(rest, widths, _least_room(rest, widths, room))] or [[]]


def _least_room(columns: Sequence[TextColumn], widths: Mapping[int, int], room: int) -> int:
    """The least room in which the columns take no more blocks; less room never makes fewer."""
    count, smaller = len(_in_order(columns, widths, room)), range(LEAST_NAME, room)
    place = bisect_left(smaller, True, key=lambda less: len(_in_order(columns, widths, less)) <= count)
    return smaller[place] if place < len(smaller) else room


def _top(columns: Sequence[TextColumn], widths: Mapping[int, int], room: int, first: Sequence[str]) -> list[TextColumn]:
    wanted = sorted(columns, key=lambda column: (column.heading not in first, column.place))
    top: list[TextColumn] = []
    for column in wanted:
        if _total([widths[one.place] for one in [*top, column]]) <= room:
            top.append(column)
        elif column.heading not in first:
            break
    return top


def _in_order(columns: Sequence[TextColumn], widths: Mapping[int, int], room: int) -> list[list[TextColumn]]:
    blocks: list[list[TextColumn]] = []
    for column in columns:
        if blocks and _total([widths[one.place] for one in [*blocks[-1], column]]) <= room:
            blocks[-1].append(column)
        else:
            blocks.append([column])
    return blocks


def _drawn(block: Block) -> list[Line]:
    rule: Line = [("-" * _total(block.widths), False)]
    head = _line(block, [Entry(column.heading) for column in block.columns], lowest=True)
    lines = [list(fields) for fields in zip(*(column.fields for column in block.columns), strict=True)]
    return [rule, *head, rule, *(line for fields in lines for line in _line(block, fields))]


def _line(block: Block, fields: Sequence[Entry], *, lowest: bool = False) -> list[Line]:
    """One line of a table on as many of the terminal as its longest field takes; headings stand at the lower edge."""
    cells = [
        [starred(entry)] if width_of(starred(entry)) <= width else wrapped(starred(entry), width)
        for entry, width in zip(fields, block.widths, strict=True)
    ]
    if lowest:
        cells = [[""] * (max(map(len, cells)) - len(cell)) + cell for cell in cells]
    return [_row(block, texts, fields) for texts in zip_longest(*cells, fillvalue="")]


def _row(block: Block, texts: Sequence[str], fields: Sequence[Entry]) -> Line:
    line: Line = []
    for i, (text, entry, column, width) in enumerate(zip(texts, fields, block.columns, block.widths, strict=True)):
        blank = " " * (width - width_of(text))
        before = " " * GAP * (i > 0) + blank * column.flush_right
        line += [(before, False), (text, entry.best), (blank * (not column.flush_right), False)]
    while line and not line[-1][0].strip():
        line.pop()
    return line
