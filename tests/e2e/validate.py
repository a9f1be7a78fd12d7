#!/usr/bin/env python3
"""validate.py SCHEMA FILE: whether each line of FILE is an object that SCHEMA describes, without any other key.

Prints how many lines of each event there were; exit code 1, and the first lines that are wrong, otherwise.
"""

import collections
import json
import sys

import jsonschema


def closed(schema):
    """The schema with keys refused that it does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: closed(part) for key, part in schema.items()}
    if parts.get("type") == "object":
        parts["additionalProperties"] = False
    return parts


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    definitions = closed(schema)["definitions"]
    seen = collections.Counter()
    wrong = []
    with open(sys.argv[2], encoding="utf-8") as file:
        for line in file:
            try:
                value = json.loads(line)
                jsonschema.Draft7Validator(schema).validate(value)
                # Against the definition of its event: the reason is then worth reading.
                event = value["event"]
                one = {"definitions": definitions, "$ref": "#/definitions/" + event}
                jsonschema.Draft7Validator(one).validate(value)
                seen[event] += 1
            except (json.JSONDecodeError, jsonschema.ValidationError) as error:
                wrong.append(f"{line.strip()}\n  {getattr(error, 'message', error)}")
    for event, count in sorted(seen.items()):
        print(f"{event}: {count}")
    for text in wrong[:20]:
        print(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
