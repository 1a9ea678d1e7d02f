internal import Fetching
internal import Linux

@testable internal import Pushing
@testable internal import Settings
@testable internal import Telemetry

extension FuzzTarget {
    /// What collectors answer, and what lies in the directory of the queue.
    static let export = [
        FuzzTarget(
            "push-answer", "the body of a collector's answer, after its status and type, two bytes",
            examples: {
                [
                    [0, 0, 0x0A, 0x06, 0x08, 0x96, 0x01, 0x12, 0x01, 0x78], [5, 0, 0x08, 3, 0x12, 2, 0x68, 0x69],
                    [0, 1] + Array(#"{"partialSuccess":{"rejectedDataPoints":"150","errorMessage":"x"}}"#.utf8),
                    [5, 1] + Array(#"{"code":3,"message":"no"}"#.utf8), [1, 0],
                ]
            }
        ) { bytes in
            guard bytes.count >= 2 else { return }
            let status = [200, 429, 502, 503, 413, 400, 404, 307, 204][Int(bytes[0]) % 9]
            let answer = PushAnswer(
                status: status, contentType: bytes[1] & 1 == 0 ? "application/x-protobuf" : "application/json",
                pause: bytes[1] & 2 == 0 ? nil : .seconds(Int(bytes[1])), body: Array(bytes.dropFirst(2)))
            switch answer {
            case .accepted(let rejected, let message):
                require(status < 300 && rejected <= Int64.max, "\(status), \(rejected) rejected")
                requirePrintable(message)
            case .later(let reason, let pause):
                require([429, 502, 503].contains(status), "\(status) is tried again")
                require(pause ?? .zero >= .zero, "a pause of \(String(describing: pause))")
                requirePrintable(reason)
            case .refused(let reason): requirePrintable(reason)
            case .tooLarge: require(status == 413, "\(status)")
            }
        },
        FuzzTarget(
            "retry-after", "the header Retry-After", largest: 64,
            texts: [
                "120", "Thu, 26 Nov 2026 17:00:00 GMT", "Thursday, 26-Nov-26 17:00:00 GMT", "Thu Nov 26 17:00:00 2026",
                "0",
                "4294967295",
            ]
        ) { bytes in
            var pauses = RetryPauses()
            let pause = pauses.next(asked: RetryAfter.pause(text(bytes), now: 1e9), chance: 0.5)
            require(pause >= 0.5 && pause <= 3601, "a pause of \(pause) s")
        },
        FuzzTarget(
            "queue-file", "the name of a file in the queue's directory", largest: 256,
            texts: [
                "00000000000000000007-3.pb.gz", "18446744073709551614-10000000.json", "00000000000000000001-0.json.gz",
                "00000000000000000001-01.pb", "00000000000000000007abba-3.pb.gz",
            ]
        ) { bytes in
            guard let item = PushItem(fileName: text(bytes), size: 1) else { return }
            require(item.number < .max && (0...10_000_000).contains(item.points), "\(item.number), \(item.points)")
            require(item.fileName == text(bytes), "a name of ours is read as it is written")
        },
        FuzzTarget(
            "request-division", "a request of OTLP that is divided, after a byte for its format",
            examples: {
                let point: [UInt8] = [0x0A, 0x02, 0x19, 0x00]
                return [
                    [0, 0x0A, 0x0A, 0x12, 0x08, 0x12, 0x06, 0x2A, 0x04, 0x0A, 0x00, 0x0A, 0x00], [0] + point,
                    [1]
                        + Array(
                            #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoints":[{},{"x":"]\""}]}}]}]}]}"#
                                .utf8),
                ]
            }
        ) { bytes in
            guard let first = bytes.first,
                let halves = RequestDivision.halves(Array(bytes.dropFirst()), isProtobuf: first & 1 == 0)
            else { return }
            require(halves.count == 2 && halves.allSatisfy { $0.points > 0 }, "two halves with data points")
            for half in halves where half.points >= 2 {
                let parts = RequestDivision.halves(half.body, isProtobuf: first & 1 == 0)
                require(
                    parts?.map(\.points).reduce(0, +) == half.points, "a half has as many data points as it says")
            }
        },
        FuzzTarget(
            "named-values", "a list of headers or attributes", largest: 512,
            texts: [
                "a=b,c=d%2C%25", "Authorization=Bearer%20x", "k8s.cluster.name=prod-1,cloud.region=",
                "a: b\n#c\nd=e\r\n",
            ]
        ) { bytes in
            for attribute in (NamedValueList.parse(text(bytes)) ?? []) + NamedValueList.parse(file: bytes) {
                require(!attribute.name.isEmpty, "a name")
                require(
                    !attribute.value.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "no line break in a header: it ends it")
            }
            guard let list = NamedValueList.parse(text(bytes)) else { return }
            require(NamedValueList.parse(NamedValueListText.text(list)) == list, "a list is read as it is written")
        },
        FuzzTarget(
            "otel-environment", "OpenTelemetry's variables: lines of NAME=VALUE without OTEL_", largest: 1024,
            texts: [
                "EXPORTER_OTLP_ENDPOINT=http://c:4318\nEXPORTER_OTLP_HEADERS=a=b\nRESOURCE_ATTRIBUTES=a=b,c=d",
                "EXPORTER_OTLP_PROTOCOL=grpc\nEXPORTER_OTLP_ENDPOINT=c:4317\nSERVICE_NAME=x",
                "EXPORTER_OTLP_METRICS_ENDPOINT=https://c/p?k=v\nEXPORTER_OTLP_TIMEOUT=10000\nMETRIC_EXPORT_INTERVAL=0",
            ]
        ) { bytes in
            var environment = HostEnvironment()
            for line in text(bytes).split(separator: "\n") {
                let parts = line.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { environment.variables["OTEL_\(parts[0])"] = String(parts[1]) }
            }
            do throws(ConfigurationError) {
                let resolved = try Layers.resolve(flags: [], file: "none", in: environment)
                for remark in resolved.remarks { requirePrintable(remark.finding) }
            } catch {
                fatalError("a variable of another program is no error: \(error)")
            }
        },
    ]
}
