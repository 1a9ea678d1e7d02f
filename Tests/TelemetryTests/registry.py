"""registry.py FILE [SCHEMA...]   checks a registry of metrics as tools of OpenTelemetry's semantic conventions read it

Syntax: schemas/semconv-syntax.md of https://github.com/open-telemetry/weaver.
"""

import json
import re
import sys

import jsonschema_rs
import yaml

NAME = {"type": "string", "pattern": r"^[a-z][a-z0-9_.]*[a-z0-9]$"}
TEXT = {"type": "string", "minLength": 1}
STABILITY = {"enum": ["stable", "development", "alpha", "beta", "release_candidate"]}
LEVEL = {
    "oneOf": [
        {"enum": ["required", "recommended", "opt_in"]},
        {
            "type": "object",
            "properties": {"conditionally_required": TEXT},
            "required": ["conditionally_required"],
            "additionalProperties": False,
        },
    ]
}
MEMBERS = {
    "type": "object",
    "properties": {
        "members": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {"id": TEXT, "value": TEXT, "stability": STABILITY},
                "required": ["id", "value", "stability"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["members"],
    "additionalProperties": False,
}
ATTRIBUTE = {
    "type": "object",
    "properties": {
        "id": NAME,
        "type": {"oneOf": [{"enum": ["string", "template[string]"]}, MEMBERS]},
        "stability": STABILITY,
        "brief": TEXT,
        "examples": {"type": "array", "items": TEXT, "minItems": 1},
    },
    "required": ["id", "type", "stability", "brief"],
    "additionalProperties": False,
}
REFERENCE = {
    "type": "object",
    "properties": {"ref": NAME, "requirement_level": LEVEL},
    "required": ["ref", "requirement_level"],
    "additionalProperties": False,
}
METRIC = {
    "type": "object",
    "properties": {
        "id": NAME,
        "type": {"const": "metric"},
        "metric_name": NAME,
        "stability": STABILITY,
        "brief": TEXT,
        "note": TEXT,
        "instrument": {"enum": ["counter", "gauge", "histogram", "updowncounter"]},
        "unit": {"type": "string"},
        "annotations": {"type": "object"},
        "attributes": {"type": "array", "items": REFERENCE},
    },
    "required": ["id", "type", "metric_name", "stability", "brief", "instrument", "unit"],
    "additionalProperties": False,
}
GROUP = {
    "type": "object",
    "properties": {
        "id": NAME,
        "type": {"const": "attribute_group"},
        "brief": TEXT,
        "attributes": {"type": "array", "items": ATTRIBUTE},
    },
    "required": ["id", "type", "brief", "attributes"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {"groups": {"type": "array", "items": {"oneOf": [METRIC, GROUP]}}},
    "required": ["groups"],
    "additionalProperties": False,
}


def unique(what, names):
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        sys.exit(f"{what} twice: {sorted(twice)}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        registry = yaml.safe_load(file)
    problems = []
    for schema in [SCHEMA] + [json.load(open(path, encoding="utf-8")) for path in sys.argv[2:]]:
        for error in jsonschema_rs.validator_for(schema).iter_errors(registry):
            problems.append(f"{error.instance_path}: {error.message[:300]}")
    if problems:
        sys.exit("\n".join(problems[:20]))
    groups = registry["groups"]
    unique("group", [group["id"] for group in groups])
    attributes = [a["id"] for g in groups if g["type"] == "attribute_group" for a in g["attributes"]]
    unique("attribute", attributes)
    metrics = [group for group in groups if group["type"] == "metric"]
    unique("metric", [metric["metric_name"] for metric in metrics])
    unique("Prometheus name", [metric["annotations"]["prometheus"]["name"] for metric in metrics])
    used = set()
    for metric in metrics:
        if metric["id"] != "metric." + metric["metric_name"]:
            sys.exit(f"{metric['id']} is not that of its metric")
        references = [a["ref"] for a in metric.get("attributes", [])]
        unique(f"attribute of {metric['id']}", references)
        used.update(references)
        prometheus = re.sub(r"[^a-zA-Z0-9_]", "_", metric["metric_name"])
        if not metric["annotations"]["prometheus"]["name"].startswith(prometheus):
            sys.exit(f"{metric['id']} is {metric['annotations']['prometheus']['name']} in Prometheus")
    if used != set(attributes):
        sys.exit(f"used and not defined, or defined and not used: {sorted(used ^ set(attributes))}")
    print(f"{len(metrics)} metrics, {len(attributes)} attributes")


main()
