import TestSupport
import Testing

@testable import Terminal

@Suite struct RowFilterTests {
    @Test func lettersInTheirOrder() {
        var row = Row(id: "1", kind: "pod", name: "web-prod-7d9f", detail: "")
        row.place = "shop"
        func matches(_ text: String) -> Bool { RowFilter(parsing: text).matches(row) }
        #expect(matches("\\wpd") && matches("\\WEB7") && matches("\\shp") && matches("not \\xyz"))
        #expect(!matches("\\dw") && !matches("\\webshop"))
        #expect(RowFilter(parsing: "\\").ignored == "\\" && matches("\\"))
    }

    private static let rows: [Row] = {
        var web = Row(id: "1", kind: "container", name: "nginx", detail: "", watts: 9, cpus: 0.9, joules: 7200)
        web.labels = ["k8s.namespace.name": "prod", "k8s.pod.name": "web-x2", "k8s.pod.label.team": "pay"]
        var db = Row(id: "2", kind: "unit", name: "db.service", detail: "", watts: 0.5, cpus: 0.1, joules: 36)
        db.path = "/system.slice/db.service"
        var job = Row(id: "3", kind: "container", name: "Batch job", detail: "")
        job.labels = ["k8s.namespace.name": "dev", "k8s.pod.name": "batch-1"]
        return [web, db, job]
    }()

    private func matches(_ text: String) -> [String] {
        let filter = RowFilter(parsing: text)
        return Self.rows.filter { filter.matches($0, nodeWatts: 10) }.map(\.id)
    }

    @Test(arguments: [
        ("", ["1", "2", "3"]), ("NGINX", ["1"]), ("web-x2", ["1"]), ("batch", ["3"]), ("\"batch job\"", ["3"]),
        ("watts>1", ["1"]), ("watts>=0.5", ["1", "2"]), ("watts<500m", []), ("cpu>50", ["1"]), ("wh>1", ["1"]),
        ("share>50", ["1"]), ("watts>1 and ns=prod", ["1"]), ("watts>1 ns=dev", []),
        ("ns=prod or kind=unit", ["1", "2"]),
        ("not ns=prod", ["2", "3"]), ("!nginx", ["2", "3"]), ("name~n", ["1"]), ("name!~n", ["2", "3"]),
        ("label:team=pay", ["1"]), ("k8s.pod.label.team=pay", ["1"]), ("path~system", ["2"]),
        ("kind!=unit (ns=dev or watts>5)", ["1", "3"]), ("pod=\"web-x2\"", ["1"]), ("not (ns=prod or ns=dev)", ["2"]),
    ])
    func finds(text: String, ids: [String]) {
        #expect(matches(text) == ids)
        #expect(RowFilter(parsing: text).ignored == nil)
    }

    /// What is not known is neither above nor below.
    @Test func theUnknownMatchesNoNumber() {
        #expect(matches("watts<100") == ["1", "2"] && matches("watts>=0") == ["1", "2"])
    }

    @Test(arguments: [
        ("watts>", ["1", "2", "3"], "watts>"), ("watts>1 and", ["1"], nil), ("watts>1 and ns=", ["1"], "ns="),
        ("watts>x ns=prod", ["1"], "watts>x"), ("not", ["1", "2", "3"], "not"), ("(ns=prod", ["1"], nil),
        ("ns=prod)", ["1"], ")"), ("or", ["1", "2", "3"], nil), ("nginx or", ["1"], nil), ("!", ["1", "2", "3"], "!"),
    ])
    func halfAConditionHidesNothing(text: String, ids: [String], ignored: String?) {
        #expect(matches(text) == ids)
        #expect(RowFilter(parsing: text).ignored == ignored)
    }

    @Test func anUnknownFieldIsAText() {
        #expect(matches("foo=bar").isEmpty && RowFilter(parsing: "foo=bar").condition == .text("foo=bar"))
    }

    /// Anything can be typed, and every beginning of it is a filter too.
    @Test(arguments: 0..<200)
    func neverFails(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let pieces = [
            "(", ")", "!", "not ", "and ", " or ", "watts", ">", "=", "~", "1", "ns", "\"", " ", "é", "label:",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            text += pieces.randomElement(using: &random) ?? ""
            _ = matches(text)
        }
        #expect(RowFilter(parsing: String(repeating: "(", count: 5000)).isEmpty)
        #expect(RowFilter(parsing: String(repeating: "!", count: 5000)).isEmpty)
    }
}
