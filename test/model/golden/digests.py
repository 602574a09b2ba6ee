"""Writes digests.json, the golden vectors of data.md section 5, from records spelled here.

An implementation of enc() that shares nothing with src/: run `python3 digests.py > digests.json` and compare.
"""

import base64
import binascii
import hashlib
import json
import struct


class Float(float):
    """A token with a point or an exponent; int is any other number."""


def parse(text):
    return json.loads(text, parse_float=Float)


def enc(tag, content=b""):
    return bytes([tag]) + struct.pack("<I", len(content)) + content


def text(value):
    return enc(6, value.encode("utf-8"))


def integer(value):
    return enc(4, str(value).encode("ascii"))


def array(items):
    return enc(7, b"".join(items))


def wrapped(value):
    if list(value) == ["$date"] and isinstance(value["$date"], str):
        return enc(10, value["$date"].encode("utf-8"))
    if list(value) == ["$bytes"] and isinstance(value["$bytes"], str):
        try:
            raw = base64.b64decode(value["$bytes"], validate=True)
        except (binascii.Error, ValueError):
            return None
        if base64.b64encode(raw).decode("ascii") == value["$bytes"]:
            return enc(9, raw)
    return None


def value(item, top=False):
    if item is None:
        return enc(1)
    if item is False:
        return enc(2)
    if item is True:
        return enc(3)
    if isinstance(item, Float):
        return enc(5, struct.pack(">d", item))
    if isinstance(item, int):
        return integer(item)
    if isinstance(item, str):
        return text(item)
    if isinstance(item, list):
        return array([value(x) for x in item])
    special = None if top else wrapped(item)
    if special is not None:
        return special
    members = sorted(item.items(), key=lambda pair: pair[0].encode("utf-8"))
    return enc(8, b"".join(text(key) + value(inner) for key, inner in members))


def optional(item):
    return enc(0) if item is None else text(item)


def f32(numbers):
    return b"".join(struct.pack("<f", float(x)) for x in numbers)


def dense(name, element, numbers):
    if element == "f32":
        bits = f32(numbers)
    elif element == "f16":
        bits = b"".join(struct.pack("<e", float(x)) for x in numbers)
    elif element == "u8":
        bits = bytes(int(x) for x in numbers)
    else:
        padded = "".join(str(int(x)) for x in numbers)
        padded += "0" * (-len(padded) % 8)
        bits = bytes(int(padded[i : i + 8], 2) for i in range(0, len(padded), 8))
    return array([text(name), text("dense"), text(element), integer(len(numbers)), enc(9, bits)])


def vector(name, element, data):
    if isinstance(data, dict):
        pairs = sorted(zip(data["indices"], data["values"]))
        pairs = [(i, v) for i, v in pairs if struct.unpack("<f", struct.pack("<f", v))[0] != 0]
        bits = b"".join(struct.pack("<I", int(i)) for i, _ in pairs) + f32(v for _, v in pairs)
        return array([text(name), text("sparse"), text("f32"), enc(0), enc(9, bits)])
    if data and isinstance(data[0], list):
        flat = [x for row in data for x in row]
        return array(
            [text(name), text("multi"), text("f32"), integer(len(data)), integer(len(data[0])), enc(9, f32(flat))]
        )
    return dense(name, element, data)


def sha(data):
    return hashlib.sha256(data).digest()


def digest(line, specs):
    record = parse(line)
    ident = record["id"]
    ident = integer(ident) if isinstance(ident, int) else text(ident)
    head = [ident, text(record.get("partition") or "")]
    content = array(
        head
        + [value(record.get("metadata") or {}, top=True), optional(record.get("document")), optional(record.get("uri"))]
    )
    # Components are floats whatever their spelling: -0 keeps its sign.
    floats = json.loads(line, parse_int=float)
    vectors = dict(floats.get("vectors") or {})
    if floats.get("vector") is not None:
        vectors[""] = floats["vector"]
    elements = {spec["name"]: spec["element"] for spec in specs}
    listed = sorted((name.encode("utf-8"), name) for name, data in vectors.items() if data is not None)
    encoded = array([vector(name, elements.get(name, "f32"), vectors[name]) for _, name in listed])
    first = sha(ident)
    return {
        "content": sha(content)[:16].hex(),
        "vector": sha(array(head + [encoded]))[:16].hex(),
        "bucket": first[0] << 4 | first[1] >> 4,
    }


def spec(name, kind, element, dimension):
    return {"name": name, "kind": kind, "dimension": dimension, "metric": None, "element": element}


CASES = [
    ("no more than an id", r'{"id":"a"}', []),
    ("plain", r'{"id":"a","vector":[0.1,0.2,-0.3],"metadata":{"n":1,"f":1.5,"s":"x","t":true},"document":"text"}', []),
    ("nested, out of order", r'{"id":"n","metadata":{"z":{"b":[1,{"y":[],"x":{}}],"a":[[["deep"]]]},"a":0}}', []),
    ("null differs from absent", r'{"id":"n","metadata":{"a":null,"b":[null,false,true]}}', []),
    ("integers and floats", r'{"id":"n","metadata":{"a":1,"b":1.0,"c":1e0,"d":-0,"e":-0.0,"f":10,"g":10.0}}', []),
    ("large floats", r'{"id":"n","metadata":{"a":1e21,"b":1.5e300,"c":1E+21,"d":5e-324,"e":0.1}}', []),
    ("negative zero in a vector", r'{"id":"v","vector":[-0.0,0.0,-0,1]}', []),
    ("subnormals and the largest", r'{"id":"v","vector":[1e-45,-1e-45,1.1754942e-38,3.4028235e38,0.0048828125]}', []),
    ("empty document", r'{"id":"d","document":"","uri":""}', []),
    ("no document, null", r'{"id":"d","document":null,"uri":"https://example.org/\u00e9","metadata":null}', []),
    ("uuid", r'{"id":"6b823629-a1f3-5d20-9b77-350230f3fa34","metadata":{"a":"b"}}', []),
    ("integer id", r'{"id":7,"metadata":{}}', []),
    (
        "ends of the integers",
        r'{"id":18446744073709551615,"metadata":{"max":18446744073709551615,"min":-9223372036854775808}}',
        [],
    ),
    (
        "order of keys in UTF-8, not UTF-16",
        '{"id":"k","metadata":{"\U0001f600":1,"\uff5e":2,"\u00e9":3,"z":4,"":5,"__proto__":6,"zz":7,"\\u0041":8}}',
        [],
    ),
    (
        "sparse, unsorted, with zeros",
        r'{"id":"s","vectors":{"bm25":{"indices":[4294967295,3,9,1],"values":[2.5,0.0,-0.0,-1e-3]}}}',
        [],
    ),
    ("multi", r'{"id":"m","vectors":{"colbert":[[1,2],[3,4],[-0.5,0.25]]}}', []),
    (
        "named, one missing, with partition",
        '{"id":"p","partition":"tenant-\u00fc","vectors":{"title":[1,2],"":[0.5],"gone":null,"body":[3]}}',
        [],
    ),
    (
        "dates and bytes",
        r'{"id":"t","metadata":{"at":{"$date":"2024-02-29T12:00:00.123456789+02:00"},"raw":{"$bytes":"AP8="},'
        r'"odd":{"$bytes":"AP9="},"two":{"$date":"x","y":1},"geo":{"$geo":{"lat":1.5,"lon":-2}},"num":{"$date":1}}}',
        [],
    ),
    ("NUL and escapes", r'{"id":"\u0000","metadata":{"a\u0000b":"\u0000\ud83d\ude00\/\"\\\n"},"document":"\u0000"}', []),
    (
        "other elements",
        r'{"id":"e","vectors":{"h":[0.5,-0.0,65504,5.9604645e-8],"b":[1,0,1,1,0,0,1,0,1,1],"u":[0,255,7]},'
        r'"metadata":{"$date":"the whole object stays one"}}',
        [spec("h", "dense", "f16", 4), spec("b", "dense", "bit", 10), spec("u", "dense", "u8", 3)],
    ),
]

print(
    json.dumps(
        [{"name": name, "line": line, "vectors": specs, **digest(line, specs)} for name, line, specs in CASES], indent=2
    )
)
