"""Looking around on a BACnet network: who is there, and what of it a meter could be.

Devices are found by Who-Is, their objects by the object list, whole or, where that is too long
for the device, one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from meterd.config.bacnet_names import OBJECT_TYPES, PROPERTIES, object_name
from meterd.readers.bacnet_ip import meaning, services
from meterd.readers.bacnet_ip.conversation import Ask, Conversation
from meterd.readers.bacnet_ip.engineering import ENGINEERING, Engineering
from meterd.readers.bacnet_ip.refusals import RefusedError
from meterd.readers.bacnet_ip.services import Answers, Given, Item
from meterd.readers.bacnet_ip.tags import GarbageError, ObjectId
from meterd.readers.exact import shortest
from meterd.readers.found import Found, FoundPoint, quantity, slug
from meterd.readers.line import ReadFailed
from meterd.units import canonical_unit

OBJECTS_MAX: Final = 5_000
"""Of one device; a controller with more is asked for its first ones."""
MEASURING: Final = frozenset(
    OBJECT_TYPES[name]
    for name in (
        "accumulator",
        "analog-input",
        "analog-value",
        "integer-value",
        "large-analog-value",
        "positive-integer-value",
        "pulse-converter",
    )
)
"""Types of objects that meters are made of."""
NAME, OBJECT_LIST = PROPERTIES["object-name"], PROPERTIES["object-list"]
VENDOR, MODEL = PROPERTIES["vendor-name"], PROPERTIES["model-name"]
_OF_AN_OBJECT: Final = (
    NAME, meaning.UNITS_OF, PROPERTIES["present-value"], meaning.STATUS_FLAGS, meaning.SCALE,
)  # fmt: skip


class Seen(NamedTuple):
    """One object as it was found, alive or in a list. units: BACnet's number of the unit."""

    oid: ObjectId
    name: str
    units: int | None = None
    value: float | None = None


async def objects(device: int, ask: Ask) -> list[ObjectId]:
    """The device's objects of types that measure; ReadFailed where it tells of none."""
    of = (meaning.DEVICE, device)
    try:
        listed = await _property(of, OBJECT_LIST, None, ask)
        found: tuple[Given, ...] = listed if isinstance(listed, tuple) else ()
    except RefusedError:
        found = await _one_by_one(of, ask)
    pairs = [one for one in found if type(one) is tuple and len(one) == 2]
    return [
        (kind, number)
        for kind, number in pairs[:OBJECTS_MAX]
        if isinstance(kind, int) and isinstance(number, int) and kind in MEASURING
    ]


async def _one_by_one(of: ObjectId, ask: Ask) -> tuple[Given, ...]:
    try:
        count = await _property(of, OBJECT_LIST, 0, ask)
        most = min(count, OBJECTS_MAX) if isinstance(count, int) else 0
        return tuple([await _property(of, OBJECT_LIST, n + 1, ask) for n in range(most)])
    except RefusedError as refusal:
        raise ReadFailed("refused", f"it does not tell its objects: {refusal}") from refusal


async def _property(of: ObjectId, number: int, index: int | None, ask: Ask) -> Given:
    try:
        request = services.read_property(of, number, index)
        return services.property_read(await ask(services.READ_PROPERTY, request))
    except GarbageError as garbage:
        raise ReadFailed("garbage", f"its answer is no BACnet: {garbage}") from garbage


async def look(device: int, address: int | str, place: str, ask: Ask) -> Found:
    """A device, and the meter that it could be; ReadFailed where it does not answer."""
    of = (meaning.DEVICE, device)
    talk = Conversation()
    oids = await objects(device, ask)
    items = [Item(of, (NAME, VENDOR, MODEL)), *(Item(oid, _OF_AN_OBJECT) for oid in oids)]
    answers: Answers = await talk.read(items, ask)
    words = [meaning.text_of(answers.get((of, number))) or "" for number in (NAME, VENDOR, MODEL)]
    title = f"device {device} at {place}: {' '.join(word for word in words if word)}"
    return found(device, address, (words[0], title), [seen(oid, answers) for oid in oids])


def seen(oid: ObjectId, answers: Answers) -> Seen:
    """What the answers say of an object."""
    units = answers.get((oid, meaning.UNITS_OF))
    value = meaning.number_of(answers.get((oid, PROPERTIES["present-value"])))
    if value is not None and oid[0] == meaning.ACCUMULATOR:
        scale = meaning.scale_of(answers.get((oid, meaning.SCALE)))
        value = None if scale is None else float(value * scale)
    elif isinstance(value, float):
        value = shortest(value)
    if not meaning.is_sound(oid, answers):
        value = None
    name = meaning.text_of(answers.get((oid, NAME))) or object_name(oid)
    return Seen(oid, name, units if isinstance(units, int) else None, value)


def found(
    device: int, address: int | str, called: tuple[str, str], listed: Iterable[Seen]
) -> Found:
    """The meter that is proposed for a device. called: its name and its title.

    What counts comes first: of several objects of one kind the accumulator is the better.
    """
    points: list[FoundPoint] = []
    for one in sorted(listed, key=lambda one: (one.oid[0] != meaning.ACCUMULATOR, one.oid)):
        own = ENGINEERING.get(-1 if one.units is None else one.units, Engineering(""))
        name = quantity(one.name, own.unit, (point.quantity for point in points))
        value = None if one.value is None else float(one.value * own.times + own.plus)
        keys = {"object": object_name(one.oid)}
        if canonical_unit(name) is None and own == Engineering(own.unit) and own.unit:
            keys["unit"] = own.unit  # so that a counter of its own name is one
        points.append(FoundPoint(name, keys, one.name, value, own.unit))
    named = slug(called[0], "-") or f"device-{device}"
    return Found(named, address, called[1], tuple(points))


async def look_at_all(
    heard: Iterable[tuple[int, int | str, str, Ask]],
) -> tuple[list[Found], list[str]]:
    """Every device that answers, and of the others why not."""
    devices: list[Found] = []
    failures: list[str] = []
    for device, address, place, ask in heard:
        try:
            devices.append(await look(device, address, place, ask))
        except ReadFailed as failure:
            failures.append(f"device {device} at {place}: {failure}")
    return devices, failures
