"""Reads requests of OTLP for metrics with OpenTelemetry's own definitions, and checks the rules of its data model.

decode.py protobuf|json FILE...: prints a line for each data point, and `FAULT: ...` for each rule that is broken.
"""

import gzip
import struct
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2

# Every unit that energyd uses, in the notation of UCUM; `{...}` besides.
UNITS = {"J", "W", "g", "s", "By", "1", "g/kWh", "ns", "Hz", "Cel", "%", ""}


def parse(body, content_type):
    """The request; raises an exception where the bytes are none. Fields that do not exist are refused."""
    request = metrics_service_pb2.ExportMetricsServiceRequest()
    if "json" in content_type:
        text = body.decode("utf-8")
        # OTLP's own deviations from the JSON mapping do not concern metrics without exemplars: ids and enum numbers.
        json_format.Parse(text, request, ignore_unknown_fields=False)
    else:
        request.ParseFromString(body)
        if unknown(request):
            raise ValueError("fields that do not exist")
    return request


def unknown(message):
    """Whether bytes were left over: the message is written again without them."""
    copy = type(message)()
    copy.CopyFrom(message)
    copy.DiscardUnknownFields()
    return copy.ByteSize() != message.ByteSize()


def bits(number):
    return struct.pack(">d", number).hex()


def pairs(attributes, faults, where):
    names = [attribute.key for attribute in attributes]
    if len(set(names)) != len(names):
        faults.append(f"{where}: an attribute twice: {names}")
    for attribute in attributes:
        if attribute.value.WhichOneof("value") != "string_value" or not attribute.key:
            faults.append(f"{where}: {attribute}")
    return sorted((attribute.key, attribute.value.string_value) for attribute in attributes)


def text(list_of_pairs):
    return ",".join(f"{name}={value!r}" for name, value in list_of_pairs)


def points(request):
    """Each data point as (resource attributes, metric fields, start, time, attributes, value), and what is wrong."""
    found, faults, seen = [], [], set()
    for resource_metrics in request.resource_metrics:
        resource = pairs(resource_metrics.resource.attributes, faults, "resource")
        for scope_metrics in resource_metrics.scope_metrics:
            scope = scope_metrics.scope
            if scope.name != "energyd" or not scope.version:
                faults.append(f"scope {scope}")
            if not scope_metrics.metrics:
                faults.append("a scope without metrics")
            for metric in scope_metrics.metrics:
                data = metric.WhichOneof("data")
                if metric.unit not in UNITS and not (metric.unit.startswith("{") and metric.unit.endswith("}")):
                    faults.append(f"{metric.name}: unit {metric.unit!r}")
                if not metric.name or not metric.description or data not in ("gauge", "sum", "histogram"):
                    faults.append(f"{metric.name}: {data}")
                    continue
                content = getattr(metric, data)
                kind = data
                if data != "gauge" and content.aggregation_temporality != 2:
                    faults.append(f"{metric.name}: not cumulative")
                if data == "sum":
                    kind = "counter" if content.is_monotonic else "sum"
                if not content.data_points:
                    faults.append(f"{metric.name}: no data points")
                for point in content.data_points:
                    attributes = pairs(point.attributes, faults, metric.name)
                    stream = (text(resource), metric.name, text(attributes))
                    if stream in seen:
                        faults.append(f"a stream twice: {stream}")
                    seen.add(stream)
                    if data == "gauge" and point.start_time_unix_nano != 0:
                        faults.append(f"{metric.name}: a gauge with a start")
                    if data != "gauge" and not 0 < point.start_time_unix_nano <= point.time_unix_nano:
                        faults.append(f"{metric.name}: from {point.start_time_unix_nano} to {point.time_unix_nano}")
                    if point.time_unix_nano == 0 or point.flags != 0:
                        faults.append(f"{metric.name}: at {point.time_unix_nano}, flags {point.flags}")
                    if data == "histogram":
                        bounds, counts = list(point.explicit_bounds), list(point.bucket_counts)
                        if len(counts) != len(bounds) + 1 or sum(counts) != point.count or not point.HasField("sum"):
                            faults.append(f"{metric.name}: buckets {counts} of {bounds}, count {point.count}")
                        if bounds != sorted(set(bounds)):
                            faults.append(f"{metric.name}: bounds {bounds}")
                        value = f"h:{bits(point.sum)}:{'/'.join(map(bits, bounds))}:{'/'.join(map(str, counts))}"
                    else:
                        field = point.WhichOneof("value")
                        if field == "as_int":
                            value = f"i:{point.as_int}"
                        elif field == "as_double":
                            value = f"d:{bits(point.as_double)}"
                        else:
                            value = "none"
                            faults.append(f"{metric.name}: no value")
                    found.append(
                        (
                            resource,
                            (metric.name, kind, metric.unit, metric.description),
                            point.start_time_unix_nano,
                            point.time_unix_nano,
                            attributes,
                            value,
                        )
                    )
    return found, faults


def line(point):
    """One text per data point, as PushingTests make it of a snapshot."""
    resource, metric, start, time, attributes, value = point

    def escaped(string):
        return "".join(c if 0x20 < ord(c) < 0x7F and c not in "|=%" else f"%{ord(c):x}%" for c in string)

    def joined(list_of_pairs):
        # By bytes, as other languages sort.
        ordered = sorted(list_of_pairs, key=lambda pair: (pair[0].encode(), pair[1].encode()))
        return "|".join(f"{escaped(name)}={escaped(content)}" for name, content in ordered)

    name, kind, unit, description = metric
    return " ".join(
        [
            name,
            kind,
            unit or "-",
            escaped(description),
            str(start),
            str(time),
            joined(resource) or "-",
            joined(attributes) or "-",
            value,
        ]
    )


def main():
    for path in sys.argv[2:]:
        with open(path, "rb") as file:
            body = file.read()
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        found, faults = points(parse(body, sys.argv[1]))
        for point in found:
            print(line(point))
        for fault in faults:
            print("FAULT:", fault)


if __name__ == "__main__":
    main()
