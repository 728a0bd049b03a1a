"""The parts of a sum of registers: what they have booked, lined up in time.

A sum is known up to where every part is. What a part has booked beyond that waits, piece by
piece. `take` hands over what all parts have used before an instant: a piece that reaches
over it is split there by time, rounded down cumulatively, so that nothing is lost or counted
twice. Coefficients are applied to what is handed over; the fraction left is carried.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import msgspec

from meterd.events import GAP, GOOD, MISSING, QUESTIONABLE, Booking
from meterd.metering.terms import portion
from meterd.specs import STALE_MS, Term

PIECES_MAX: Final = 1_000
"""Pieces that wait, of all parts. Beyond, neighbours become one: only their shape is lost."""
EVER_MS: Final = 1 << 62
SKIPPED: Final = "clock_stepped"
"""The event of a piece that is no time at all: the wall clock was set ahead over it."""
_WORSE: Final = (GOOD, GAP, QUESTIONABLE, MISSING)


class Piece(msgspec.Struct, array_like=True, gc=False):
    """A booking that waits. given: what of the amount has been handed over.

    from_ms, to_ms: the gap that it is a part of, both 0 for none.
    """

    start_ms: int
    end_ms: int
    amount: int
    given: int = 0
    quality: str = GOOD
    from_ms: int = 0
    to_ms: int = 0
    event: str = ""


class Part(msgspec.Struct, array_like=True, gc=False):
    """One register of the sum. begin_ms: where it was known first, 0 before. until_ms: its
    bookings are known up to here. carry: as `portion` has it.
    """

    numerator: int
    denominator: int
    meter: str
    quantity: str
    begin_ms: int = 0
    until_ms: int = 0
    carry: int = 0
    pieces: list[Piece] = []


class PartsState(msgspec.Struct, array_like=True, gc=False):
    """What a sum resumes from. taken_ms: everything before was handed over."""

    taken_ms: int = 0
    parts: list[Part] = []


class Share(NamedTuple):
    """What the sum has used in some time, base units, and how far to trust it.

    quality: the worst of its pieces. from_ms, to_ms: the hull of their gaps, 0 for none.
    """

    amount: int
    quality: str = GOOD
    from_ms: int = 0
    to_ms: int = 0
    event: str = ""


class Parts:
    """A sum. left: what waited when its terms were others than now, by those; the sum then
    begins anew where its parts are known.
    """

    def __init__(self, terms: Sequence[Term], state: PartsState) -> None:
        self.state = state
        self.left = 0
        known = {(part.meter, part.quantity): part for part in state.parts}
        fresh = [Part(*term.coefficient.as_integer_ratio(), *term[1:]) for term in terms]
        if [_term(part) for part in state.parts] != [_term(part) for part in fresh]:
            self.left = self.take(EVER_MS).amount
            state.taken_ms = 0
            for part in fresh:
                old = known.get((part.meter, part.quantity))
                if old is not None:
                    part.begin_ms = part.until_ms = old.until_ms
            state.parts = fresh

    def add(self, index: int, booking: Booking, *, cuts: bool = False) -> None:
        """Enter what a part has booked. cuts: what lies after the booking's cut waits until
        after its end, so that `take` can be asked for what was before.
        """
        part = self.state.parts[index]
        start_ms, end_ms = booking.start_ms, booking.end_ms
        if not part.begin_ms:
            part.begin_ms, part.until_ms = end_ms, start_ms
        if start_ms > part.until_ms:
            part.pieces.append(Piece(part.until_ms, start_ms, 0, 0, MISSING, event=SKIPPED))
        later = booking.after if cuts else 0
        if booking.amount != later or booking.quality != GOOD:
            part.pieces.append(_piece(booking, booking.amount - later))
        if later:
            part.pieces.append(Piece(end_ms, end_ms + 1, later))
        part.until_ms = max(part.until_ms, end_ms)
        if len(part.pieces) > 1:
            self._bound()

    def known_ms(self) -> int:
        """Up to where every part is known, 0 while one has not begun."""
        parts = self.state.parts
        until_ms = min(part.until_ms for part in parts)
        begun = all(part.begin_ms for part in parts)
        return until_ms if begun and until_ms >= self.begin_ms() else 0

    def begin_ms(self) -> int:
        """From where on the sum is known, if every part has begun."""
        return max(part.begin_ms for part in self.state.parts)

    def turn_ms(self, after_ms: int) -> int:
        """The first instant after another at which the quality of what waits may change."""
        odd = (
            next((piece for piece in part.pieces if piece.quality != GOOD), None)
            for part in self.state.parts
        )
        edges = [edge for piece in odd if piece for edge in (piece.start_ms, piece.end_ms)]
        return min((edge for edge in edges if edge > after_ms), default=EVER_MS)

    def skipped_ms(self, at_ms: int) -> int:
        """Where the time ends that the clock has skipped at an instant, 0 if it has not."""
        waiting = (piece for part in self.state.parts for piece in part.pieces)
        over = (one.end_ms for one in waiting if one.event == SKIPPED and one.start_ms <= at_ms)
        return max((end_ms for end_ms in over if end_ms > at_ms), default=0)

    def take(self, at_ms: int) -> Share:
        """What all parts have used before an instant and has not been handed over."""
        total, worst, hull, event = 0, 0, [0, 0], ""
        for part in self.state.parts:
            raw = done = 0
            for piece in part.pieces:
                whole = piece.end_ms <= at_ms
                if not whole and piece.start_ms >= at_ms:
                    break
                share = piece.amount if whole else _before(piece, at_ms)
                raw += share - piece.given
                piece.given = share
                done += whole
                worst = max(worst, _WORSE.index(piece.quality))
                event = piece.event or event
                if piece.from_ms:
                    hull = [min(hull[0] or piece.from_ms, piece.from_ms), max(hull[1], piece.to_ms)]
                if not whole:
                    break
            del part.pieces[:done]
            coefficient = Fraction(part.numerator, part.denominator)
            counted, part.carry = portion(coefficient, raw, part.carry)
            total += counted
        self.state.taken_ms = max(self.state.taken_ms, at_ms)
        return Share(total, _WORSE[worst], hull[0], hull[1], event)

    def _bound(self) -> None:
        state = self.state
        if sum(len(part.pieces) for part in state.parts) <= PIECES_MAX:
            return
        for part in state.parts:
            pairs = [part.pieces[index : index + 2] for index in range(0, len(part.pieces), 2)]
            part.pieces = [_joined(pair, state.taken_ms) for pair in pairs]


def _term(part: Part) -> tuple[int, int, str, str]:
    return part.numerator, part.denominator, part.meter, part.quantity


def _piece(booking: Booking, amount: int) -> Piece:
    start_ms, end_ms = booking.start_ms, booking.end_ms
    long = booking.quality in (GAP, QUESTIONABLE) and end_ms - start_ms > STALE_MS
    from_ms = booking.since_ms or (start_ms if long else 0)
    to_ms = (booking.gap_to_ms or end_ms) if from_ms else 0
    return Piece(start_ms, end_ms, amount, 0, booking.quality, from_ms, to_ms, booking.event)


def _before(piece: Piece, at_ms: int) -> int:
    """The part of a piece used before an instant inside it, by time, rounded down."""
    return piece.amount * (at_ms - piece.start_ms) // (piece.end_ms - piece.start_ms)


def _joined(pieces: Sequence[Piece], taken_ms: int) -> Piece:
    """One or two neighbours as one, from where they have not been handed over."""
    first, last = pieces[0], pieces[-1]
    if first is last:
        return first
    start_ms = max(first.start_ms, taken_ms) if first.given else first.start_ms
    left = sum(piece.amount - piece.given for piece in pieces)
    quality = max((piece.quality for piece in pieces), key=_WORSE.index)
    long = last.end_ms - start_ms > STALE_MS
    if quality == GOOD and long:
        quality = GAP
    hulls = [piece for piece in pieces if piece.from_ms]
    from_ms = to_ms = 0
    if hulls or (long and quality != MISSING):
        from_ms = min([start_ms, *(piece.from_ms for piece in hulls)])
        to_ms = max([last.end_ms, *(piece.to_ms for piece in hulls)])
    return Piece(start_ms, last.end_ms, left, 0, quality, from_ms, to_ms, last.event or first.event)
