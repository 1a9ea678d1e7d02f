import Formatting
import Glibc
import Snapshot
import Telemetry

/// What an exposition and a JSON document cost: `exposition CONTAINERS...`, medians of several runs. `exposition check`
/// tests the numbers of optimised code instead, for `make test`.
@main
enum Exposition {
    static func main() {
        if CommandLine.arguments.dropFirst() == ["check"] { exit(Numbers.areRight() ? 0 : 1) }
        for count in CommandLine.arguments.dropFirst().compactMap({ Int($0) }) {
            var node = SyntheticNode(containers: count)
            measureMetrics("\(count) containers, /metrics", &node)
            measure("\(count) containers, JSON", runs: 9) {
                node.tick()
                var bytes = 0
                let sink = ByteSink { bytes += $0.count }
                let start = Clock.now
                try? node.snapshot.write(json: sink)
                sink.flush()
                return Outcome(seconds: Clock.now - start, things: count, bytes: bytes)
            }
            var other = SyntheticNode(containers: count, hasProcesses: true)
            for kepler in KeplerCompatibility.allCases {
                measureMetrics("\(count) containers and processes, Kepler's: \(kepler)", &other, kepler)
            }
        }
    }

    private static func measureMetrics(
        _ label: String, _ node: inout SyntheticNode, _ kepler: KeplerCompatibility = .off
    ) {
        var selection = MetricSelection()
        selection.kepler = kepler
        let exporter = MetricsExporter(selection)
        var isCounting = true
        var series = 0
        measure(label, runs: 21) {
            node.tick()
            var lines = 0
            var bytes = 0
            let sink = ByteSink { buffer in
                bytes += buffer.count
                if isCounting { lines += buffer.count { $0 == UInt8(ascii: "\n") } }
            }
            let start = Clock.now
            exporter.export(node.snapshot, as: .prometheus, to: sink)
            sink.flush()
            let seconds = Clock.now - start
            // Counting takes longer than writing: only the first time.
            if isCounting { series = lines }
            isCounting = false
            return Outcome(seconds: seconds, things: series, bytes: bytes)
        }
    }
}
