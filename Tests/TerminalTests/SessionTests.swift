import Snapshot
import Testing

@testable import Terminal

@Suite struct SessionTests {
    private func session(_ count: Int = 5, look: Look = .bare) -> Session {
        var session = Session(model: TopModel(), look: look, choosesGrouping: true)
        for second in 0..<count { session.take(reading(second)) }
        return session
    }

    private func reading(_ second: Int) -> Snapshot {
        var snapshot = Samples.snapshot(sequence: UInt64(second + 1))
        snapshot.unixTime += Double(second)
        snapshot.timestamp = "second \(second)"
        snapshot.node.zones[0].energyMicrojoules += UInt64(second) * 40_000_000
        for index in snapshot.workloads.indices {
            let watts = snapshot.workloads[index].powerWatts ?? 0
            let joules = UInt64(watts * Double(second)) * 1_000_000
            snapshot.workloads[index].zones = ["package-0": .init(dynamicMicrojoules: joules, staticMicrojoules: 0)]
        }
        return snapshot
    }

    private func screen(_ session: inout Session) -> String {
        session.render(TerminalSize(columns: 100, rows: 30)).joined(separator: "\n")
    }

    @discardableResult
    private func press(_ keys: String, _ session: inout Session) -> String {
        for key in keys {
            _ = session.handle(key == "\n" ? .enter : key == "\u{1B}" ? .escape : .character(key))
            _ = screen(&session)
        }
        return screen(&session)
    }

    @Test func theFirstFrameSaysWhatIsKnown() {
        var session = Session(model: TopModel(), look: .bare, choosesGrouping: true)
        session.host = "node7  8 CPUs"
        session.message = .waiting("asking the agent")
        #expect(screen(&session).hasPrefix("node7  8 CPUs\nasking the agent\n"))
        session.remember(Samples.snapshot())
        session.message = .waiting("figures of 3 min ago; waiting for the first reading")
        let text = screen(&session)
        #expect(text.contains("figures of 3 min ago") && text.contains("pod-a/web"))
        session.take(reading(0))
        #expect(!screen(&session).contains("ago"))
    }

    @Test func pausingAndLookingBack() {
        var session = session()
        _ = screen(&session)
        #expect(press(" ", &session).contains("PAUSED at second 4"))
        #expect(press("[[", &session).contains("PAUSED, 2 readings back, second 2"))
        #expect(press("[[[[[[", &session).contains("PAUSED, 4 readings back, second 0"))
        #expect(press("]", &session).contains("PAUSED, 3 readings back, second 1"))
        #expect(press("]]", &session).contains("PAUSED, 1 reading back, second 3"))
        #expect(!press(" ", &session).contains("PAUSED"))
    }

    @Test func followingStaysOnItsRowAcrossLists() {
        var session = session()
        _ = screen(&session)
        press("jjF", &session)
        let followed = session.model.current?.id
        #expect(session.model.followed == followed && followed == "pod-b")
        press("3", &session)
        #expect(session.model.current?.id == followed)
        press(" F", &session)
        #expect(session.model.followed == nil && session.model.isPaused)
        press("Fj", &session)
        #expect(session.model.followed == nil)
    }

    @Test func marksCompare() {
        var session = session()
        _ = screen(&session)
        #expect(press("m", &session).contains("marked"))
        for second in 5..<10 { session.take(reading(second)) }
        #expect(screen(&session).contains("since the mark 5 s ago"))
        press("m", &session)
        for second in 10..<12 { session.take(reading(second)) }
        let text = screen(&session)
        #expect(text.contains("BEFORE") && text.contains("since the mark 2 s ago"))
        #expect(!press("M", &session).contains("since the mark"))
    }

    @Test func detailsShowTheRow() {
        var session = session()
        _ = screen(&session)
        let text = press("j\n", &session)
        #expect(
            text.contains("container pod-a/web") && text.contains("mean of 10 s")
                && text.contains("k8s.pod.name = pod-a"))
        #expect(press("q", &session).contains("WATTS"))
    }

    @Test func menusChoose() {
        var session = session()
        _ = screen(&session)
        #expect(press("s", &session).contains("Sort by"))
        #expect(press("2", &session).contains("workloads by CPU"))
        press("v", &session)
        #expect(session.handle(.character("4")) == .save)
        #expect(session.model.columns?.contains(.cpu) == false)
        press("\u{1B}", &session)
        #expect(!screen(&session).contains("CPU%"))
        press("y", &session)
        guard case .copy(let text) = session.handle(.character("1")) else {
            Issue.record("nothing was copied")
            return
        }
        #expect(text.contains("energyd_namespace_energy_joules_total"))
        #expect(screen(&session).contains("copied: "))
    }

    @Test func averagesAreChosen() {
        var session = session()
        #expect(screen(&session).contains("mean of 10 s"))
        #expect(press("t", &session).contains("mean of 1 min") && press("t", &session).contains("last window"))
    }

    @Test func theFooterSaysWhatIsLeftOut() {
        var session = session()
        #expect(press("/watts>1 and ns=", &session).contains("not yet: ns="))
        #expect(press("\n", &session).contains("left out: ns="))
    }

    @Test func theHelpIsSearched() {
        var session = session()
        _ = screen(&session)
        press("?", &session)
        let typing = press("/CLIP", &session)
        #expect(typing.contains("search: CLIP") && typing.contains("nothing"))
        let found = press("\u{1B}/pause", &session)
        #expect(found.contains("Time") && found.contains("pause and resume") && !found.contains("fold"))
        #expect(press("\n", &session).contains("lines with \"pause\""))
        #expect(press("\u{1B}", &session).contains("fold"))
        #expect(press("\u{1B}", &session).contains("WATTS"))
        #expect(!press("?", &session).contains("pause\""))
    }

    @Test func rowsSayWhatTheirFiguresAreWorth() {
        var snapshot = reading(0)
        snapshot.node.zones[0].dynamicQuality = "modelled"
        var session = Session(model: TopModel(), look: .bare, choosesGrouping: true)
        session.take(snapshot)
        let lines = screen(&session).split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.contains("pod-b") && $0.contains(" ~ ") })
        // The node's own power is measured.
        #expect(lines.contains { $0.contains("= ") && $0.contains("node7") })
    }

    @Test func clicksAndTheWheel() {
        var session = session()
        _ = screen(&session)
        let first = session.model.firstRowLine
        _ = session.handle(.mouse(.init(kind: .press, row: first + 2)))
        _ = screen(&session)
        #expect(session.model.selected == 2 && session.model.panel == .table)
        _ = session.handle(.mouse(.init(kind: .wheelUp, row: 0)))
        _ = screen(&session)
        #expect(session.model.selected == 0)
        _ = session.handle(.mouse(.init(kind: .press, row: first)))
        #expect(session.model.panel == .details)
    }

    @Test func anASCIITerminalGetsASCII() {
        var session = session(look: Look(.attributes, isASCII: true))
        for keys in ["", "j\n", "\u{1B}v", "\u{1B}2", "?"] {
            #expect(press(keys, &session).utf8.allSatisfy { $0 < 0x80 })
        }
    }
}
