import History
import Snapshot
import Testing

@testable import Terminal

@Suite struct PastTests {
    private static let now: Int64 = 1_767_323_045

    private func pod(_ name: String, namespace: String = "shop") -> HistoryWorkload {
        var workload = HistoryWorkload(kind: "pod")
        (workload.namespace, workload.pod) = (namespace, name)
        (workload.ownerKind, workload.ownerName) = ("Deployment", "web")
        return workload
    }

    private func container(_ name: String, of pod: String) -> HistoryWorkload {
        var workload = self.pod(pod)
        workload.kind = "container"
        workload.container = name
        return workload
    }

    private func unit(_ path: String) -> HistoryWorkload {
        var workload = HistoryWorkload(kind: "unit")
        workload.path = path
        return workload
    }

    /// - Parameter rows: W in each step.
    private func answer(_ span: PastSpan, _ rows: [(HistoryWorkload, Double)], measured: Double? = nil) -> HistoryAnswer
    {
        let question = span.question(at: Self.now, midnight: Self.now - 3600)
        var answer = HistoryAnswer(since: question.since, until: question.until)
        answer.zones = [HistoryZone(name: "package-0", source: "rapl", quality: "measured")]
        answer.seconds = Double(question.until - question.since)
        let ends = question.boundaries.dropFirst() + [question.until]
        answer.steps = zip(question.boundaries, ends).map { start, end in
            let seconds = measured ?? Double(end - start)
            return .init(start: start, seconds: seconds, microjoules: rows.map { Int64($0.1 * seconds * 1e6) })
        }
        answer.rows = rows.map { workload, watts in
            var usage = HistoryUsage(zones: 1)
            usage.energy[0].dynamic = Int64(watts * answer.seconds * 1e6)
            usage.emissionsMicrograms = Int64(watts * 1e6)
            return .init(workload: workload, usage: usage)
        }
        return answer
    }

    private func snapshot() -> Snapshot {
        let labels = [
            "k8s.namespace.name": "shop", "k8s.pod.name": "web-1", "k8s.owner.kind": "Deployment",
            "k8s.owner.name": "web",
        ]
        var snapshot = Samples.snapshot([
            Samples.workload("namespace:shop", kind: "namespace", name: "shop", labels: ["k8s.namespace.name": "shop"]),
            Samples.workload("pod:1", kind: "pod", name: "web-1", parent: "namespace:shop", labels: labels),
            Samples.workload("container:a", kind: "container", name: "nginx", parent: "pod:1", labels: labels),
            Samples.workload("system.slice", kind: "slice"),
            Samples.workload("system.slice/ssh.service", kind: "unit", name: "ssh.service", parent: "system.slice"),
        ])
        snapshot.unixTime = Double(Self.now)
        return snapshot
    }

    @Test func questionsMeetWholeMinutesAndHours() {
        for span in PastSpan.allCases {
            let question = span.question(at: Self.now, midnight: Self.now - 3600)
            #expect(question.since < question.until && question.boundaries == question.boundaries.sorted())
            #expect(question.boundaries.count <= 400)
            #expect(question.boundaries.allSatisfy { (question.since..<question.until).contains($0) })
        }
        let hours = PastSpan.sameHour.question(at: Self.now, midnight: 0)
        #expect(hours.boundaries.count == 13 && hours.until - hours.since == 6 * 86_400 + 3600)
        #expect(hours.until <= Self.now - 86_400 + 3600)
    }

    @Test func whatIsRecordedGoesToEachRowThatItIsPartOf() {
        var past = PastUse()
        past.add(
            answer(
                .recent,
                [
                    (pod("web-1"), 1), (container("nginx", of: "web-1"), 2), (pod("web-2"), 4),
                    (unit("/system.slice/ssh.service"), 8), (HistoryWorkload(.idle), 16),
                ]), of: .recent)
        let points = past.points(snapshot())
        func watts(_ id: String) -> Float? { points[id]?.first?.watts }
        #expect(watts("node") == 31 && watts("part idle") == 16)
        #expect(watts("namespace:shop") == 7 && watts("pod:1") == 3 && watts("container:a") == 2)
        #expect(watts("system.slice") == 8 && watts("system.slice/ssh.service") == 8)
        #expect(points["node"]?.allSatisfy { $0.time <= Double(Self.now) + 60 && $0.figures.window == 60 } == true)
    }

    /// Curves begin earlier; the means of what is counted stay what they were.
    @Test func olderPowersDoNotChangeMeans() throws {
        var past = PastUse()
        past.add(answer(.recent, [(pod("web-1"), 500)]), of: .recent)
        func session(_ past: PastUse?) -> Session {
            var session = Session(model: TopModel(), look: .bare, choosesGrouping: true)
            for second in 0..<5 {
                var snapshot = snapshot()
                snapshot.unixTime += 60 + Double(second)
                snapshot.sequence += UInt64(second)
                for index in snapshot.workloads.indices {
                    snapshot.workloads[index].zones = [
                        "package-0": .init(dynamicMicrojoules: UInt64(2_000_000 * second), staticMicrojoules: 0)
                    ]
                }
                session.take(snapshot)
                if second == 0, let past { session.take(past) }
            }
            return session
        }
        func rows(_ session: Session) -> [String] {
            var session = session
            session.model.columns = [.watts, .cpu]
            return Array(session.render(TerminalSize(columns: 100, rows: 30)).dropFirst(3))
        }
        #expect(rows(session(nil)) == rows(session(past)))
        var with = session(past)
        _ = with.handle(.character("3"))
        _ = with.render(TerminalSize(columns: 100, rows: 40))
        _ = with.handle(.enter)
        let details = with.render(TerminalSize(columns: 100, rows: 40)).joined(separator: "\n")
        // Five seconds of 2 W were counted, of the rest of the ten minutes only the powers are known.
        #expect(details.contains("mean of 10 s") && details.contains("last 10 min"), "\(details)")
        #expect(details.contains(/mean of 10 min +49\d\.\d W/), "\(details)")
    }

    @Test func usualIsTheMeanOfThisHour() throws {
        var past = PastUse()
        past.add(answer(.sameHour, [(pod("web-1"), 30), (HistoryWorkload(.idle), 10)]), of: .sameHour)
        #expect(past.usual == .init(watts: 40, days: 7))
        var short = PastUse()
        short.add(answer(.sameHour, [(pod("web-1"), 30)], measured: 60), of: .sameHour)
        #expect(short.usual == nil)
        var unknown = PastUse()
        var nothing = answer(.sameHour, [])
        nothing.zones = []
        unknown.add(nothing, of: .sameHour)
        #expect(unknown.isEmpty && unknown.usual == nil)

        var session = Session(model: TopModel(), look: .bare, choosesGrouping: true)
        session.take(snapshot())
        session.take(past)
        let title = session.render(TerminalSize(columns: 120, rows: 30))[0]
        #expect(title.contains("as usual (40 W at this hour, 7 days)"), "\(title)")
    }

    @Test func theDayAndTheCarbonScreen() {
        var past = PastUse()
        past.add(answer(.day, [(pod("web-*"), 3)]), of: .day)
        past.add(answer(.today, [(pod("web-*"), 3)]), of: .today)
        var session = Session(model: TopModel(), look: .bare, choosesGrouping: true)
        var first = snapshot()
        first.carbon.quality = "assumed"
        session.take(first)
        func screen(_ keys: [Key]) -> String {
            for key in keys {
                _ = session.handle(key)
                _ = session.render(TerminalSize(columns: 100, rows: 40))
            }
            return session.render(TerminalSize(columns: 100, rows: 40)).joined(separator: "\n")
        }
        #expect(screen([.character("c")]).contains("today           not known"))
        session.take(past)
        let carbon = screen([])
        #expect(carbon.contains("today           3.000 gCO2e, 3.000 Wh in 60 min"), "\(carbon)")
        #expect(carbon.contains("assumed: start energyd") && carbon.contains("forecast        none"))
        #expect(carbon.contains("ssh.service") && !carbon.contains("namespace"))
        let details = screen([.escape, .character("3"), .enter])
        #expect(details.contains("last 24 h") && details.contains("all of web-*"), "\(details)")
    }

    @Test func whatItCostsIsShownWhereThePriceIsKnown() {
        var snapshot = snapshot()
        snapshot.price = .init(perKilowattHour: 0.25, currency: "EUR")
        var session = Session(model: TopModel(), look: .bare, choosesGrouping: true)
        session.take(snapshot)
        // 40 W, and half as much again for the building.
        #expect(session.render(TerminalSize(columns: 120, rows: 30))[1].contains("0.015 EUR/h"))
    }
}
