"""Changes to the POWERMETER definition, and meters that have to fit them, at their lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.written import SITE, found, sound

from meterd.config.compile import site_spec

HEAD = f"{SITE}meters: []\ndefinitions: {{POWERMETER: "
HERE = "definitions.POWERMETER"

CHANGES: dict[str, list[str]] = {
    "{}": [],
    "{add: {tenant: {}}}": [],
    "{add: {tier: {type: enum, options: [Gold, Silver]}, room2: {type: reference, to: ROOM}}}": [],
    "{remove: [rack, kwhLifetime], rename: {model: make}, retype: {building: text}}": [],
    "{remove: [notes], rename: {description: notes}}": [],
    "{rename: {notes: description, description: notes}}": [],
    "{require: [serialNumber], optional: [meterPoint]}": [],
    "{add: {tenant: {required: true}}, rename: {tenant: customer}, optional: [tenant]}": [],
    "{retype: {room: {type: enum, options: [A]}, kwhToday: text, status: text}}": [],
    "{require: [name]}": [],
    "{colour: red}": [(f'error 3:28: {HERE}.colour: no key "colour" belongs here. '
                      "Known here: add, optional, remove, rename, require, retype.")],
    "{add: {model: {}}}": [
        f'error 3:34: {HERE}.add.model: "model" is a field already. Use rename: or retype:.'
    ],
    "{add: {2nd: {}}}": [(f'error 3:39: {HERE}.add.2nd: "2nd" is no name of a field. '
                         "Use up to 64 letters, digits and _, a letter first.")],
    "{add: {points: {}}}": [(f'error 3:42: {HERE}.add.points: "points" means something else in an '
                            "object. Choose another name.")],
    "{add: {a: {type: enum}}}": [(f"error 3:37: {HERE}.add.a: an enumeration needs options. "
                                 "Write options: [ONE, OTHER].")],
    "{add: {a: {type: enum, options: [A, B, A]}}}": [
        f'error 3:66: {HERE}.add.a.options.2: "A" is there twice. Keep one.'
    ],
    "{add: {a: {options: [A]}}}": [
        f"error 3:47: {HERE}.add.a.options: a text has no options. Write type: enum."
    ],
    "{add: {a: {to: ROOM}}}": [
        f"error 3:42: {HERE}.add.a.to: a text refers to nothing. Write type: reference."
    ],
    "{add: {a: {type: string}}}": [
        (f'error 3:44: {HERE}.add.a.type: "string" is not known here. '
        "Known here: date, datetime, enum, number, reference, text.")
    ],
    "{add: {a: {panel: Other}}}": [
        (f'error 3:45: {HERE}.add.a.panel: "Other" is not known here. '
        "Known here: Consumption, General, Maintenance, Readings, Thresholds.")
    ],
    "{remove: [rak]}": [f'error 3:37: {HERE}.remove.0: no field "rak". Did you mean "rack"?'],
    "{remove: [serial_number]}": [
        f'error 3:37: {HERE}.remove.0: no field "serial_number". Did you mean "serialNumber"?'
    ],
    "{remove: [name]}": [(f"error 3:37: {HERE}.remove.0: a meter is known by its name. "
                         "Leave this field as it is.")],
    "{rename: {name: tag}}": [(f"error 3:43: {HERE}.rename.name: a meter is known by its name. "
                              "Leave this field as it is.")],
    "{rename: {colour: color}}": [
        (f'error 3:37: {HERE}.rename.colour: no field "colour". '
        "Name it as it is shipped or added.")
    ],
    "{rename: {model: notes}}": [
        f'error 3:44: {HERE}.rename.model: "notes" is the name of another field. Names are unique.'
    ],
    "{rename: {model: x, notes: x}}": [
        f'error 3:54: {HERE}.rename.notes: "x" is the name of another field. Names are unique.'
    ],
    "{rename: {model: totals}}": [
        (f'error 3:44: {HERE}.rename.model: "totals" means something else in an object. '
        "Choose another name.")
    ],
    "{remove: [rack], rename: {rack: shelf}}": [
        f'error 3:59: {HERE}.rename.rack: "rack" is removed above. Drop one of the two.'
    ],
    "{retype: {kwhToday: date}}": [
        f"error 3:47: {HERE}.retype.kwhToday: a number cannot become a date. It can be text."
    ],
    "{retype: {room: number}}": [
        (f"error 3:43: {HERE}.retype.room: a reference cannot become a number. "
        "It can be enum or text.")
    ],
    "{retype: {room: enum}}": [
        (f"error 3:43: {HERE}.retype.room: an enumeration needs options. "
        "Write options: [ONE, OTHER].")
    ],
    "{retype: {rom: text}}": [(f'error 3:37: {HERE}.retype.rom: no field "rom". '
                              'Did you mean "room"?')],
    "{add: {a: {}}, retype: {a: number}}": [
        f'error 3:54: {HERE}.retype.a: "a" is added here. Give it this type there.'
    ],
    "{require: [currentKw]}": [
        (f'error 3:38: {HERE}.require.0: "currentKw" is read-only: it is measured. '
        "Nobody could write it.")
    ],
    "{require: [model], optional: [model]}": [
        f'error 3:57: {HERE}.optional.0: "model" is required as well. Drop one of the two.'
    ],
}  # fmt: skip


@pytest.mark.parametrize("changes", CHANGES)
def test_changes(changes: str, tmp_path: Path) -> None:
    assert found(tmp_path, f"{HEAD}{changes}}}\n") == CHANGES[changes]


def test_only_the_powermeter_has_a_definition(tmp_path: Path) -> None:
    assert found(tmp_path, f"{SITE}meters: []\ndefinitions: {{BUILDING: {{}}}}\n") == [
        'error 3:15: definitions.BUILDING: no key "BUILDING" belongs here. Known here: POWERMETER.'
    ]


DEFINED = """definitions:
  POWERMETER:
    add:
      tenant: {required: true}
      tier: {type: enum, options: [Gold, Silver]}
      phases: {type: number}
      hall: {type: reference, to: ROOM}
    retype: {serialNumber: number, building: {type: enum, options: [North, South]}}
    require: [model]
places: {rooms: {a-101: {}}}
"""
METERS: dict[str, list[str]] = {
    "{name: m, model: B23, custom: {tenant: ACME, tier: 2, phases: 3, hall: a-101}}": [],
    "{name: m, model: B23, custom: {tenant: ACME}, serial_number: '815', building: North}": [],
    "{name: m, custom: {tenant: ACME}}": [
        "error meters.0: m lacks model, which the definition requires. Write model."
    ],
    "{name: m, model: B23}": [
        (
            "error meters.0: m lacks tenant, which the definition requires. "
            "Write custom: {tenant: ...}."
        )
    ],
    "{name: m, model: B23, custom: {tenant: A, teir: Gold}}": [
        'error meters.0.custom.teir: no field "teir". Did you mean "tier"?'
    ],
    "{name: m, model: B23, custom: {tenant: 5}}": [
        "error meters.0.custom.tenant: the value is not text. Write it in quotes."
    ],
    "{name: m, model: B23, custom: {tenant: A, tier: 3}}": [
        (
            "error meters.0.custom.tier: the value is no option of it. "
            "Its ids are 1 (Gold), 2 (Silver)."
        )
    ],
    "{name: m, model: B23, custom: {tenant: A, phases: '3'}}": [
        (
            "error meters.0.custom.phases: the value is not a number. "
            "Write it as 0.25, without quotes or unit."
        )
    ],
    "{name: m, model: B23, custom: {tenant: A, hall: a-102}}": [
        'error meters.0.custom.hall: no room "a-102". Did you mean "a-101"?'
    ],
    "{name: m, model: B23, custom: {tenant: A}, serial_number: x1, building: West}": [
        (
            'error meters.0.building: "West" is no enum, which the definition asks for. '
            "Correct one of them."
        ),
        (
            'error meters.0.serial_number: "x1" is no number, which the definition asks for. '
            "Correct one of them."
        ),
    ],
    "{name: m, model: B23, custom: {tenant: }}": [
        "error meters.0.custom.tenant: the key has no value. Write one, or drop the key."
    ],
    "{name: m, model: B23, custom: {tenant: [A]}}": [
        (
            "error meters.0.custom.tenant: a list stands where a single value belongs. "
            "Write a single value."
        )
    ],
}


@pytest.mark.parametrize("meter", METERS)
def test_meters_fit_the_definition(meter: str, tmp_path: Path) -> None:
    told = found(tmp_path, f"{SITE}{DEFINED}meters: [{meter}]\n")
    assert sorted(f"{line.split()[0]} {line.split(' ', 2)[2]}" for line in told) == METERS[meter]


def test_a_definition_with_mistakes_makes_none_of_the_meters(tmp_path: Path) -> None:
    text = f"{SITE}definitions: {{POWERMETER: {{require: [modle]}}}}\nmeters: [{{name: m}}]\n"
    assert [line for line in found(tmp_path, text) if "meters" in line] == []


def test_a_value_of_a_sites_own_may_come_from_outside(tmp_path: Path) -> None:
    meter = '{name: m, model: B23, custom: {tenant: "${env:TENANT}"}}'
    config = sound(tmp_path, f"{SITE}{DEFINED}meters: [{meter}]\n", {"TENANT": "ACME"})
    assert site_spec(config).meters[0].general["tenant"] == "ACME"


def test_what_the_seed_requires_is_asked_of_the_api_alone(tmp_path: Path) -> None:
    assert found(tmp_path, f"{SITE}meters: [{{name: m}}]\n") == []
