"""Sparkplug B's message as Google's protobuf knows it: another's reading of our bytes.

Built from the numbers and types of the specification (Eclipse Sparkplug 3.0, section 6.4.1),
only as far as a metering node uses it.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

F = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "string": F.TYPE_STRING,
    "uint32": F.TYPE_UINT32,
    "uint64": F.TYPE_UINT64,
    "float": F.TYPE_FLOAT,
    "double": F.TYPE_DOUBLE,
    "bool": F.TYPE_BOOL,
    "bytes": F.TYPE_BYTES,
}
_MESSAGES = {
    "PropertyValue": "1 type uint32, 2 is_null bool, 3 int_value uint32, 4 long_value uint64, "
    "7 boolean_value bool, 8 string_value string",
    "PropertySet": "1 keys string*, 2 values PropertyValue*",
    "Metric": "1 name string, 2 alias uint64, 3 timestamp uint64, 4 datatype uint32, "
    "5 is_historical bool, 6 is_transient bool, 7 is_null bool, 9 properties PropertySet, "
    "10 int_value uint32, 11 long_value uint64, 12 float_value float, 13 double_value double, "
    "14 boolean_value bool, 15 string_value string, 16 bytes_value bytes",
    "Payload": "1 timestamp uint64, 2 metrics Metric*, 3 seq uint64, 4 uuid string, 5 body bytes",
}


def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(name="spb.proto", package="spb", syntax="proto2")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field in fields.split(", "):
            number, label, kind = field.split()
            added = message.field.add(name=label, number=int(number))
            added.label = F.LABEL_REPEATED if kind.endswith("*") else F.LABEL_OPTIONAL
            kind = kind.rstrip("*")
            if kind in _TYPES:
                added.type = _TYPES[kind]
            else:
                added.type, added.type_name = F.TYPE_MESSAGE, f".spb.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


Payload: Any = message_factory.GetMessageClass(_pool().FindMessageTypeByName("spb.Payload"))


def read(body: bytes) -> Any:
    """The payload; fails where protobuf finds a field that it does not know."""
    found = Payload()
    found.ParseFromString(body)
    assert found.SerializeToString(deterministic=True) == body
    return found


def command(name: str, value: bool) -> bytes:
    """What a host application sends to have a metric be so."""
    asked = Payload(timestamp=1)
    asked.metrics.add(name=name, timestamp=1, datatype=11, boolean_value=value)
    return bytes(asked.SerializeToString())
