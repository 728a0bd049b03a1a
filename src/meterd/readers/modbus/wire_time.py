"""How long one request takes of a Modbus connection, with its answer. Pure.

On a serial line every byte and silence is known, so the time is *certain*: what a device
thinks only adds to it. Over TCP it is an *estimate*: `ROUND_TRIP_S` for the network and the
device, and the frames on the line behind a gateway or a serial server, if there is one. Of it
only a pause that was asked for, and a line whose baud rate is told, are certain.
Source of the silences: "Modbus over Serial Line" V1.02, 2.5.1.1.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from meterd.config.points import ModbusDevice, ModbusLink, SerialPort
from meterd.readers.modbus import frames, rtu_frames
from meterd.readers.modbus.planning import Block

SILENCE_CHARACTERS: Final = 3.5
FAST_SILENCE_S: Final = 0.00175
"""Above 19,200 baud the silence is no longer that of 3.5 characters."""
FAST_BAUD: Final = 19_200
ROUND_TRIP_S: Final = 0.01
"""What a device on a local network commonly takes to answer."""


class LineTimes(NamedTuple):
    """One character, and the silence between two frames, seconds."""

    character_s: float
    silence_s: float


class WireTime(NamedTuple):
    """Seconds that a request takes. least_s: the part that is certain."""

    wire_s: float
    least_s: float


def line_of(link: ModbusLink) -> LineTimes | None:
    """The serial line of a connection, ours or one behind it; None if it is not known.

    Of one behind TCP only the baud rate is told: its characters are the standard's, of 11 bits.
    """
    serial = link.serial
    if serial is None and link.baudrate:
        serial = SerialPort(path="", baudrate=link.baudrate)
    return None if serial is None else _times(serial)


def _times(serial: SerialPort) -> LineTimes:
    slow = serial.baudrate <= FAST_BAUD
    character_s = serial.character_s
    return LineTimes(character_s, SILENCE_CHARACTERS * character_s if slow else FAST_SILENCE_S)


def reply_bytes(block: Block) -> int:
    """Bytes of an answer's RTU frame."""
    data = frames.answer_bytes(block.table, block.count)
    return rtu_frames.DATA_AT + data + rtu_frames.CRC_BYTES


def _framed_s(times: LineTimes, pause_s: float, block: Block) -> float:
    """Both frames, with the silence after each; a longer pause stands in for one of them."""
    characters = rtu_frames.REQUEST_BYTES + reply_bytes(block)
    return characters * times.character_s + times.silence_s + max(times.silence_s, pause_s)


def on_a_line(link: ModbusLink, device: ModbusDevice, block: Block) -> WireTime:
    """Of a request in an RTU frame, on a port of this host or behind a serial server."""
    times, pause_s = line_of(link), device.pause_ms / 1000
    if link.serial is not None and times is not None:
        certain_s = _framed_s(times, pause_s, block)
        return WireTime(certain_s, certain_s)
    guessed = _framed_s(times or _times(SerialPort(path="")), pause_s, block)
    return WireTime(ROUND_TRIP_S + guessed, guessed if times else pause_s)


def behind_tcp(link: ModbusLink, device: ModbusDevice, block: Block) -> WireTime:
    """Of a request over Modbus TCP, to a device or through a gateway."""
    times, pause_s = line_of(link), device.pause_ms / 1000
    certain_s = _framed_s(times, pause_s, block) if times else pause_s
    return WireTime(ROUND_TRIP_S + certain_s, certain_s)
