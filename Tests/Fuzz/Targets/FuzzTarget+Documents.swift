internal import Compression
internal import FoundationEssentials
internal import Names

@testable internal import Kubernetes
@testable internal import MeteringHTTP

extension FuzzTarget {
    private static let pod =
        "{\"metadata\":{\"name\":\"web-0\",\"namespace\":\"shop\",\"uid\":\"2c48913c\",\"labels\":{\"app\":\"web\"},"
        + "\"ownerReferences\":[{\"kind\":\"Job\",\"name\":\"a-28000000\",\"controller\":true}]},\"spec\":{\"nodeName\":\"n\","
        + "\"overhead\":{\"cpu\":\"250m\"},\"containers\":[{\"name\":\"c\",\"resources\":{\"requests\":{\"cpu\":\"100m\",\"memory\":\"1Gi\"}}}],"
        + "\"initContainers\":[{\"name\":\"i\",\"restartPolicy\":\"Always\"}]},\"status\":{\"qosClass\":\"Burstable\","
        + "\"containerStatuses\":[{\"name\":\"c\",\"image\":\"nginx\",\"containerID\":\"containerd://00ff\"}]}}"

    /// With requests of the pod as a whole, of a sidecar, and a change under way.
    private static let resized =
        "{\"metadata\":{\"name\":\"a\",\"namespace\":\"b\",\"uid\":\"u\"},\"spec\":{\"resources\":{\"requests\":{\"cpu\":\"2\"}},"
        + "\"containers\":[{\"name\":\"c\",\"resources\":{\"requests\":{\"cpu\":1,\"memory\":\"1e9\"}}}],\"initContainers\":"
        + "[{\"name\":\"s\",\"restartPolicy\":\"Always\",\"resources\":{\"requests\":{\"cpu\":\"300m\"}}},{\"name\":\"i\"}]},"
        + "\"status\":{\"resize\":\"Infeasible\",\"allocatedResources\":{\"cpu\":\"1\"},\"conditions\":[{\"type\":"
        + "\"PodResizePending\",\"reason\":\"Infeasible\"}],\"containerStatuses\":[{\"name\":\"c\",\"allocatedResources\":"
        + "{\"cpu\":\"500m\"},\"resources\":{\"requests\":{\"cpu\":\"600m\"}}}]}}"

    /// `ab` in gzip, as a stored block and with fixed codes, and without a frame.
    private static let compressed: [[UInt8]] = {
        let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        let trailer: [UInt8] = [0x6D, 0x48, 0x83, 0x9E, 2, 0, 0, 0]
        let (stored, fixed): ([UInt8], [UInt8]) = ([1, 2, 0, 0xFD, 0xFF, 97, 98], [0x4B, 0x4C, 2, 0])
        // A block whose codes it brings along: so many zeros.
        let dynamic: [UInt8] = [0xED, 0xC1, 1, 1, 0, 0, 0, 0x80, 0x90, 0xFE, 0xAF, 0x6E, 8, 0x40, 0, 0, 0, 0, 0, 0, 0]
        return [header + stored + trailer, header + fixed + trailer, fixed, [0x78, 0x9C] + fixed, dynamic]
    }()

    /// What servers answer.
    static let documents = [
        FuzzTarget("compressed", "an answer that is compressed", examples: { compressed }) { bytes in
            for coding in ["gzip", "deflate"] {
                let plain = (try? unpacked(bytes, coding: coding, limit: 10_000)) ?? []
                // What is no gzip is taken as it stands.
                require(plain.count <= 10_000 || plain == bytes, "\(plain.count) bytes of at most 10,000")
            }
        },
        FuzzTarget(
            "redfish", "a document of a BMC", largest: 8192,
            texts: [
                "{\"PowerControl\":[{\"PowerConsumedWatts\":152},{\"PowerConsumedWatts\":\"N/A\"}]}",
                "{\"PowerWatts\":{\"Reading\":93.5}}",
                "\u{FEFF}{\"Members\":[{\"@odata.id\":\"/redfish/v1/Chassis/1\"}]}",
                "{\"ChassisType\":\"Blade\",\"Power\":{\"@odata.id\":\"/p\"},\"Links\":{\"ComputerSystems\":[{\"@odata.id\":\"/s\"}]}}",
            ]
        ) { bytes in
            if let watts = RedfishPower.watts(in: bytes) {
                require(watts > 0 && watts <= RedfishPower.highest, "\(watts) W")
            }
            guard let origin = RedfishOrigin("https://bmc") else { return }
            _ = RedfishPage(bytes)
            let systems = [RedfishSystem(bytes, at: "/s", of: origin)].compactMap(\.self)
            if let chassis = RedfishChassis(bytes, at: "/c", of: origin) {
                _ = RedfishSelection.select(among: [chassis], watts: ["/c": 1], systems: systems, uuid: nil)
            }
        },
        FuzzTarget(
            "pod", "a pod object", largest: 8192, texts: [pod, resized, "{\"metadata\":{\"uid\":\"u\"}}"]
        ) { bytes in
            if let pod = try? JSONDecoder().decode(Pod.self, from: Data(bytes)) {
                for resource in ["cpu", "memory"] {
                    let request = pod.request(resource) ?? 1
                    require(request > 0 && request.isFinite, "a request of \(request)")
                }
            }
            let configuration = KubernetesConfiguration(
                source: .api, url: "https://a", nodeName: "n", tokenFile: "", authorityFile: "")
            var names = PodNames(configuration, feed: NameFeed())
            if let uid = names.update(bytes) {
                require(names.count == 1, "a pod is known once")
                names.forget(uid)
                require(names.count == 0, "a pod is forgotten")
            }
        },
        FuzzTarget(
            "object-stream", "a list of pods or a stream of events, after a byte that cuts it into pieces",
            largest: 8192,
            texts: [
                "7{\"kind\":\"PodList\",\"metadata\":{\"continue\":\"x\"},\"items\":[\(pod),\(pod)]}",
                "3{\"type\":\"ADDED\",\"object\":\(pod)}\n{\"type\":\"BOOKMARK\"}",
                "9{\"a\":\"\\\"{\",\"items\":[{\"b\":[]}]}",
            ]
        ) { bytes in
            guard let first = bytes.first else { return }
            let rest = Array(bytes.dropFirst())
            for shape in [ObjectScanner.Shape.list, .stream] {
                let whole = objects(of: rest, shape, piece: max(1, rest.count))
                require(whole == objects(of: rest, shape, piece: Int(first) + 1), "pieces of a stream hold its objects")
            }
        },
        FuzzTarget(
            "quantity", "an amount as Kubernetes writes it", largest: 64, texts: ["250m", "1.5", "128Mi", "1e9"]
        ) { bytes in
            if let amount = Quantity.parse(text(bytes)) {
                require(amount >= 0 && amount.isFinite, "an amount of \(amount)")
            }
        },
    ]

    /// nil where the stream was refused.
    private static func objects(of bytes: [UInt8], _ shape: ObjectScanner.Shape, piece: Int) -> [[UInt8]]? {
        var scanner = ObjectScanner(shape, limit: 4096)
        var objects: [[UInt8]] = []
        var rest = bytes[...]
        do {
            while !rest.isEmpty {
                try scanner.feed(rest.prefix(piece)) { objects.append($0) }
                rest = rest.dropFirst(piece)
            }
            return objects
        } catch {
            return nil
        }
    }
}
