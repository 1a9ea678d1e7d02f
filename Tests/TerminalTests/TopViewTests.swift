import Snapshot
import Testing

@testable import Terminal

@Suite struct TopViewTests {
    private func render(
        _ snapshot: Snapshot?, _ model: TopModel = TopModel(), message: TopMessage? = nil, columns: Int = 120,
        rows: Int = 30, colour: Bool = false
    ) -> [String] {
        var model = model
        return TopView.render(
            TopContent(snapshot, message: message), model: &model, size: .init(columns: columns, rows: rows),
            look: colour ? Look(.sixteen) : .bare)
    }

    @Test func headerTellsPowerSourceAndCarbon() {
        let text = render(Samples.snapshot()).joined(separator: "\n")
        for part in [
            "node7  40.00 W measured by RAPL", "CPU 1.50 of 8", "24.00 gCO2e/h", "package-0 40.00 W rapl measured",
            "idle 10.00 W", "system 10.00 W", "unattributed 10.00 W",
            "400 gCO2e/kWh (yearly mean of Testland), PUE 1.50",
            "tier ebpf: all here",
        ] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test func rowsShowTheirShareOfTheNode() throws {
        let line = try #require(render(Samples.snapshot()).first { $0.contains("web") })
        // A pod with nothing but one container is one row. 9 of 40 W, 0.9 CPUs, 9 W at 400 g/kWh and a PUE of 1.5.
        let fields = line.split(separator: " ")
        #expect(fields == ["9.000", "=", "90.0", "22.5%", "1.00", "J", "5.400", "container", "pod-a/web"])
    }

    @Test func unknownIsADashNeverZero() throws {
        var snapshot = Samples.snapshot(sequence: 0)
        snapshot.carbon.intensityGramsPerKilowattHour = .nan
        let lines = render(snapshot)
        #expect(lines[0].contains("node7  - measured by RAPL") && lines[1].contains("CPU - of 8  - gCO2e/h"))
        let line = try #require(lines.first { $0.contains("web") })
        #expect(line.split(separator: " ").prefix(3) == ["-", "-", "-"])
        snapshot = Samples.snapshot()
        snapshot.node.zones[0].isUp = false
        #expect(render(snapshot).contains { $0.contains("package-0 - rapl measured (cannot be read)") })
        snapshot.node.powerWatts = nil
        snapshot.workloads[0].powerWatts = nil
        #expect(render(snapshot)[0].contains("node7  - cannot be read"))
        #expect(render(snapshot).contains { $0.contains("system.slice") && $0.hasPrefix("     -  ") })
        snapshot.node.zones = []
        snapshot.forgetPower()
        let blind = render(snapshot)
        // What the CPUs did is known all the same.
        #expect(blind[0].contains("- no meter") && blind[1].contains("CPU 1.50 of 8  - gCO2e/h"))
        #expect(blind.contains { $0.contains("idle -") })
        let row = try #require(blind.first { $0.contains("web") })
        #expect(row.split(separator: " ").prefix(3) == ["-", "90.0", "-"])
    }

    @Test func noticesComeFirstAndAreYellow() {
        var snapshot = Samples.snapshot()
        snapshot.agent.notices = ["no RAPL: load the driver", "another"]
        #expect(render(snapshot)[1] == "! 2 notices (press ! to read): no RAPL: load the driver")
        #expect(render(snapshot, colour: true)[1].contains("\u{1B}[0;33m!"))
        #expect(render(snapshot, columns: 60, rows: 10)[1].hasPrefix("! 2 notices"))
        snapshot.agent.notices = ["no RAPL: load the driver"]
        #expect(render(snapshot)[1] == "! no RAPL: load the driver")
        #expect(render(snapshot, columns: 20)[1].hasPrefix("! 1 notice (press !"))
    }

    @Test func aKeyShowsAllNoticesWhole() {
        var snapshot = Samples.snapshot()
        let long = (1...40).map { "word\($0)" }.joined(separator: " ")
        snapshot.agent.notices = ["first", long, "last"]
        var model = TopModel()
        #expect(model.handle(.character("!")) == .redraw)
        let lines = render(snapshot, model, columns: 50, rows: 24)
        #expect(lines.prefix(2) == ["Notices", "! first"])
        let words = lines.joined(separator: " ").split(separator: " ")
        #expect((1...40).allSatisfy { words.contains("word\($0)") } && lines.contains("! last"))
        #expect(render(snapshot, model, columns: 50, rows: 6).last?.hasPrefix("lines 1 to 4 of") == true)
        #expect(model.handle(.character("w")) == .redraw)
        #expect(model.panel == .table && render(snapshot, model).contains { $0.contains("WATTS") })
        // In a pipe there is nothing to press.
        let table = TableView.render(snapshot: snapshot, model: TopModel(), width: nil, look: .bare)
        #expect(table.contains("! first") && table.contains("! " + long) && table.contains("! last"))
    }

    @Test func theHelpFitsTheUsualTerminal() {
        var model = TopModel()
        _ = model.handle(.character("h"))
        let lines = render(nil, model, columns: 80, rows: 24)
        // Nothing is cut at the side, and what is below can be scrolled to.
        let whole = render(nil, model, columns: 200, rows: 100)
        #expect(lines.dropLast() == whole.prefix(23) && whole.allSatisfy { $0.count <= 80 })
        #expect(lines.last?.contains("lines 1 to 22 of") == true)
        for _ in 0..<3 { _ = model.handle(.pageDown) }
        let end = render(nil, model, columns: 80, rows: 24)
        #expect(end.contains { $0.contains("nine times out of ten") } && model.panel == .help)
    }

    @Test func anEstimateShowsItsBandAndTwoDigits() throws {
        var snapshot = Samples.snapshot()
        snapshot.node.zones[0].quality = "estimated"
        (snapshot.node.zones[0].powerLowWatts, snapshot.node.zones[0].powerHighWatts) = (21.234, 98.7)
        snapshot.node.powerWatts = 41.234
        snapshot.node.zones[0].powerWatts = 41.234
        snapshot.node.idle.powerWatts = 10.27
        let lines = render(snapshot)
        #expect(
            lines[0].contains("node7  41 W estimated by RAPL (21 to 99)")
                && lines[1].contains("CPU 1.50 of 8  25 gCO2e/h"))
        #expect(lines.contains { $0.contains("package-0 41 W rapl estimated") })
        #expect(lines.contains { $0.contains("idle 10 W") })
        #expect(try #require(lines.first { $0.contains("web") }).split(separator: " ").first == "9.0")
        // A part that is measured has no band of its own, and counts as it is.
        var measured = Samples.snapshot().node.zones[0]
        measured.name = "package-1"
        snapshot.node.zones.append(measured)
        snapshot.node.powerWatts = 81.234
        #expect(render(snapshot)[0].contains("81 W partly estimated by RAPL (61 to 140)"))
        // The node's own meter knows the sum.
        snapshot.node.meter = .init(source: "ipmi", quality: "measured", isInlet: true)
        #expect(render(snapshot)[0].hasSuffix("81.23 W partly estimated by the BMC (IPMI)"))
    }

    /// The power is measured, but how much of it is idle is not known: the line says so, and nothing is green.
    @Test func aGuessOfTheIdlePowerShowsItsBounds() {
        var snapshot = Samples.snapshot()
        snapshot.node.idle.powerWatts = 16.25
        snapshot.node.staticPower = .init(
            watts: 16.25, lowWatts: 10.2, highWatts: 37.8, quality: "prior", dynamicQuality: "estimated",
            quietestCPUs: 0.5)
        let lines = Summary.lines(snapshot, width: 120).map { $0.rendered(width: 120, look: Look(.sixteen)) }
        #expect(lines.contains { $0.contains("idle 16 W") && $0.contains(" (10 to 38), never seen below 0.50 CPU") })
        #expect(lines[0].contains("\u{1B}[0;33m measured") && !lines[0].contains("\u{1B}[0;32m"))
        snapshot.node.staticPower?.quality = "learned"
        snapshot.node.staticPower?.dynamicQuality = "measured"
        let sure = Summary.lines(snapshot, width: 120).map { $0.rendered(width: 120, look: Look(.sixteen)) }
        #expect(sure.contains { $0.contains("idle 16.25 W") } && !sure.contains { $0.contains("never seen") })
        #expect(sure[0].contains("\u{1B}[0;32m measured"))
    }

    @Test func theReasonForMissingProcessesIsShown() {
        let containers = render(Samples.snapshot(), TopModel(grouping: .process)).joined(separator: "\n")
        #expect(containers.contains("processes are off because containers run here; start energyd with --processes on"))
        let none = render(Samples.snapshot([]), TopModel(grouping: .process)).joined(separator: "\n")
        #expect(none.contains("processes are off; start energyd with --processes on"))
    }

    @Test func qualityIsTheWorstWord() {
        var zones = Samples.snapshot().node.zones
        #expect(Summary.quality(zones) == "measured")
        zones += zones
        zones[1].quality = "estimated"
        #expect(Summary.quality(zones) == "partly estimated")
        #expect(Summary.quality([zones[1]]) == "estimated")
        // The estimate replaces a meter that is down.
        zones[0].isUp = false
        #expect(Summary.quality(zones) == "estimated")
    }

    @Test func anErrorKeepsTheLastFrame() {
        let lines = render(Samples.snapshot(), message: .error("unix:/x: Connection refused"))
        #expect(lines[1] == "unix:/x: Connection refused")
        #expect(lines[2].contains("2026-01-01T12:00:00Z"))
        #expect(lines.contains { $0.contains("web") })
    }

    @Test func waitsWithoutASnapshot() {
        #expect(render(nil, message: .waiting("waiting")).prefix(2) == ["energyctl top", "waiting"])
    }

    @Test func anEmptyGroupingTellsWhatItNeeds() {
        func text(_ snapshot: Snapshot, _ grouping: Grouping) -> String {
            render(snapshot, TopModel(grouping: grouping)).joined(separator: "\n")
        }
        #expect(text(Samples.snapshot(Array(Samples.tree.prefix(3))), .owner).contains("--kubernetes api"))
        var snapshot = Samples.snapshot(Array(Samples.tree.prefix(3)))
        snapshot.agent.aggregatedBy = ["owner", "label:team"]
        #expect(text(snapshot, .owner).contains("there are no owners on this node"))
        #expect(text(snapshot, .label("team")).contains("there are no values of label team on this node"))
        #expect(text(Samples.kubernetes, .label("team")).contains("values of label team by watts"))
    }

    @Test func theFilterIsVisibleWhileTyped() {
        var model = TopModel()
        for key in "/zzz" { _ = model.handle(.character(key)) }
        let lines = render(Samples.snapshot(), model)
        #expect(lines.last?.hasPrefix("filter: zzz") == true)
        #expect(lines.contains { $0.contains("no workloads match \"zzz\"") })
    }

    @Test func namesCannotControlTheTerminal() {
        let evil = "\u{1B}]0;owned\u{07}\u{1B}[2J\r\n\u{9B}31m\u{202E}"
        var snapshot = Samples.snapshot([
            Samples.workload(evil, kind: evil, labels: [evil: evil]), Samples.workload("b"),
        ])
        (snapshot.node.name, snapshot.tier, snapshot.tierReason) = (evil, evil, evil)
        (snapshot.carbon.source, snapshot.node.zones[0].name, snapshot.timestamp) = (evil, evil, evil)
        snapshot.agent.notices = [evil]
        snapshot.processes = [Samples.process(1, evil, workload: evil, watts: 1)]
        snapshot.aggregates = [
            Samples.aggregate(evil, watts: 1, joules: 1, labels: ["k8s.owner.name": evil, "k8s.owner.kind": evil]),
            Samples.aggregate(
                evil, watts: 1, joules: 1, labels: ["energyd.label.name": evil, "energyd.label.value": evil]),
        ]
        snapshot.agent.aggregatedBy = ["label:" + evil]
        for grouping in Grouping.offered(by: snapshot) + [.label("x" + evil)] {
            let model = TopModel(grouping: grouping, filter: "")
            for colour in [false, true] {
                let lines =
                    render(snapshot, model, message: .error(evil), colour: colour)
                    + TableView.render(
                        snapshot: snapshot, model: model, width: nil, look: colour ? Look(.sixteen) : .bare)
                for line in lines {
                    let text = line.replacing(/\u{1B}\[[0-9;]*m/, with: "")
                    #expect(
                        text.unicodeScalars.allSatisfy { scalar in
                            scalar.properties.generalCategory != .control && scalar != "\u{202E}"
                        })
                }
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 7, 10, 15, 16, 24, 40, 80, 120, 200])
    func everySizeFits(rows: Int) {
        var snapshot = Samples.snapshot()
        snapshot.agent.notices = ["notice"]
        snapshot.processes = [Samples.process(1, "p", workload: "web", watts: 1)]
        var editing = TopModel(filter: "a")
        _ = editing.handle(.character("/"))
        var (help, notices) = (TopModel(), TopModel())
        _ = help.handle(.character("h"))
        _ = notices.handle(.character("!"))
        for columns in Array(1...20) + [33, 40, 57, 80, 81, 120, 200] {
            for model in [TopModel(), TopModel(grouping: .process), editing, help, notices] {
                for (snapshot, message) in [(snapshot, nil), (snapshot, TopMessage.error("e")), (nil, .waiting("w"))] {
                    let lines = render(snapshot, model, message: message, columns: columns, rows: rows)
                    #expect(lines.count <= rows && !lines.isEmpty)
                    #expect(lines.allSatisfy { DisplayWidth.of($0) <= columns })
                }
            }
        }
    }

    @Test(arguments: [(40, 10), (80, 24)])
    func usualSmallTerminalsShowRows(columns: Int, rows: Int) {
        let lines = render(Samples.snapshot(), columns: columns, rows: rows)
        #expect(lines.count == rows)
        #expect(lines.contains { $0.contains("WATTS") && $0.contains("NAME") })
        #expect(lines.contains { $0.contains("pod-c") })
    }

    @Test func theHeaderGivesWayToRows() {
        let snapshot = Samples.snapshot((0..<40).map { Samples.workload("w\($0)") })
        #expect(render(snapshot, columns: 80, rows: 10).count { $0.contains(/\ w\d/) } == 6)
        #expect(render(snapshot, columns: 80, rows: 3).count { $0.contains(/\ w\d/) } == 1)
    }

    @Test func scrollsToTheSelection() {
        let workloads = (0..<100).map { Samples.workload("w\($0)", watts: Double(100 - $0)) }
        var model = TopModel()
        _ = model.handle(.end)
        let lines = TopView.render(
            TopContent(Samples.snapshot(workloads)), model: &model, size: .init(columns: 80, rows: 20), look: .bare)
        // After the workloads come idle, kernel threads and the unattributed.
        #expect(model.selected == 102)
        #expect(
            lines.contains { $0.hasPrefix("> ") && $0.contains("unattributed") }
                && lines.contains { $0.contains("w99") })
        #expect(!lines.contains { $0.contains("w0 ") })
    }

    @Test func theTableIsPlainAndComplete() {
        let workloads = (0..<300).map { Samples.workload("w\($0)") }
        let lines = TableView.render(
            snapshot: Samples.snapshot(workloads), model: TopModel(), width: nil, look: .bare)
        #expect(lines.count { $0.contains(" w") && $0.contains("cgroup") } == 300)
        #expect(lines.allSatisfy { !$0.contains("\u{1B}") && !$0.hasSuffix(" ") })
        let limited = TableView.render(
            snapshot: Samples.snapshot(workloads), model: TopModel(limit: 2), width: nil, look: .bare)
        #expect(limited.last == "  ... and 298 more")
    }

    @Test func aFrameErasesALineBeforeItIsWritten() {
        func text(_ frame: [UInt8]) -> String { String(decoding: frame, as: UTF8.self) }
        let first = text(Screen.frame(["a", "b"]))
        #expect(first == "\u{1B}[0m\u{1B}[2J\u{1B}[1;1H\u{1B}[Ka\u{1B}[2;1H\u{1B}[Kb")
        // Erased after it was written, a full line would lose its last character.
        #expect(!first.hasSuffix("\u{1B}[K"))
    }

    @Test func onlyLinesThatHaveChangedAreWritten() {
        func text(_ lines: [String], after old: [String]) -> String {
            String(decoding: Screen.frame(lines, after: old), as: UTF8.self)
        }
        #expect(text(["a", "b"], after: ["a", "b"]).isEmpty)
        #expect(text(["a", "c"], after: ["a", "b"]) == "\u{1B}[2;1H\u{1B}[Kc")
        #expect(text(["a"], after: ["a", "b"]) == "\u{1B}[2;1H\u{1B}[J")
        #expect(text(["a", "b"], after: ["a"]) == "\u{1B}[2;1H\u{1B}[Kb")
    }
}
