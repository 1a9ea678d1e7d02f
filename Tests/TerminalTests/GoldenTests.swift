import GoldenSupport
import Snapshot
import Testing

@testable import Terminal

/// What the view looks like, at six sizes in three modes of colour.
@Suite struct TopGoldenTests {
    private static let sizes = [(40, 10), (60, 16), (80, 24), (100, 30), (132, 43), (200, 60)]
    private static let looks = [
        ("none", Look(.attributes)), ("16", Look(.sixteen)), ("256", Look(.indexed, palette: .colourBlind)),
    ]

    /// Forty readings of a node with pods, units, processes, and names that someone chose to do harm.
    private static func session(_ look: Look) -> Session {
        var session = Session(model: TopModel(), look: look, choosesGrouping: true)
        for second in 0..<40 { session.take(reading(second)) }
        return session
    }

    private static func reading(_ second: Int) -> Snapshot {
        let long = String(repeating: "very-long-name-", count: 17).prefix(253)
        var workloads = Samples.tree
        let shop = ["k8s.namespace.name": "shop"]
        workloads += [
            Samples.workload("p1", kind: "pod", name: String(long), parent: "namespace:shop", watts: 3, labels: shop),
            Samples.workload("p2", kind: "pod", name: "\u{202E}gnp.live", watts: 2.5),
            Samples.workload("p3", kind: "pod", name: "\u{1B}[31mred\u{1B}]0;owned\u{07}", watts: 1.25),
            Samples.workload("p4", kind: "pod", name: "水水水-サービス-👩‍💻-e\u{301}", watts: 1.5),
            Samples.workload("p5", kind: "unit", name: "idle.service", watts: 0.002),
            Samples.workload("p6", kind: "unit", name: "idler.service", watts: 0.003),
            Samples.workload("cgroup:1", name: "/", watts: 4),
        ]
        workloads[workloads.count - 1].cgroupPath = "/"
        for index in workloads.indices {
            let wave = 1 + 0.5 * Double((second * 7 + index * 3) % 20) / 20
            let watts = (workloads[index].powerWatts ?? 0) * wave
            workloads[index].powerWatts = watts
            let joules = UInt64(1000 + watts * Double(second)) * 1_000_000
            workloads[index].cpuSeconds = Double(second) * watts / 10
            workloads[index].zones = ["package-0": .init(dynamicMicrojoules: joules, staticMicrojoules: 0)]
        }
        var snapshot = Samples.snapshot(
            workloads,
            processes: [
                Samples.process(4711, "sshd", workload: "cgroup:1", watts: 3),
                Samples.process(4712, "水水水", workload: "web", watts: 1),
            ], sequence: UInt64(second + 1))
        snapshot.unixTime = 1_767_323_045 + Double(second)
        snapshot.node.zones[0].energyMicrojoules = UInt64(second) * 66_000_000
        snapshot.node.powerWatts = 66
        snapshot.node.cpuSeconds = 1.5 * Double(second)
        snapshot.agent.notices = [
            "idle power rests on published figures: let the node rest for a minute", "another one",
        ]
        return snapshot
    }

    @Test(arguments: looks.map(\.0)) func screens(_ name: String) throws {
        let look = try #require(Self.looks.first { $0.0 == name }?.1)
        var text = ""
        for (columns, rows) in Self.sizes {
            var session = Self.session(look)
            for (title, keys) in Self.views {
                for key in keys { _ = session.handle(key) }
                let lines = session.render(TerminalSize(columns: columns, rows: rows))
                #expect(lines.count <= rows)
                for line in lines {
                    let plain = line.replacing(/\u{1B}\[[0-9;]*m/, with: "")
                    #expect(
                        DisplayWidth.of(plain) <= columns && !plain.contains("\u{1B}") && !plain.contains("\u{202E}"))
                }
                // An escape character would hide in a diff.
                let shown = lines.map { $0.replacing("\u{1B}", with: "ESC") + "\n" }.joined()
                text += "== \(columns)x\(rows) \(title)\n\(shown)"
            }
        }
        expectGolden(text, "top.\(name).txt")
    }

    /// Each continues where the one before it ended.
    private static let views: [(String, [Key])] = [
        ("tree", []), ("processes", [.character("6"), .down]), ("details", [.character("3"), .enter]),
        ("filter", [.escape, .character("/")] + "watts>2 and ns=".map { .character($0) }),
        ("columns", [.enter, .character("v")]),
    ]

    @Test func sentencesForAScreenReader() throws {
        var timeline = Timeline()
        for second in 0..<40 { timeline.append(Self.reading(second)) }
        let snapshot = try #require(timeline.snapshot(average: .tenSeconds))
        let lines = ReaderView.lines(snapshot, model: TopModel(grouping: .pod), showsNotices: true)
        expectGolden(lines.map { $0 + "\n" }.joined(), "top.plain.txt")
    }

    @Test func asciiScreen() {
        var session = Self.session(Look(.bare, isASCII: true))
        let lines = session.render(TerminalSize(columns: 80, rows: 24))
        expectGolden(lines.map { $0 + "\n" }.joined(), "top.ascii.txt")
    }

    /// On an idle node nothing but a few figures changes.
    @Test func aFrameOfAnIdleNodeIsSmall() {
        var session = Self.session(Look(.indexed))
        let size = TerminalSize(columns: 132, rows: 43)
        var shown = session.render(size)
        var bytes = 0
        var last = Self.reading(39)
        for second in 40..<50 {
            last.unixTime += 1
            last.sequence += 1
            last.timestamp = "second \(second)"
            session.take(last)
            let lines = session.render(size)
            bytes += Screen.frame(lines, after: shown).count
            shown = lines
        }
        #expect(bytes / 10 < 4096, "\(bytes / 10) bytes per frame")
    }
}
