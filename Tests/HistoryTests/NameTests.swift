import Snapshot
import Testing

@testable import History

@Suite struct HistoryNameTests {
    @Test(
        arguments: [
            ("web-7d9f8b6c5d-x2x4z", "Deployment", "web", "web-*"),
            ("web-7d9f8b6c5d-x2x4z", nil, nil, "web-*"),
            ("node-exporter-x2x4z", nil, nil, "node-exporter-*"),
            ("backup-29012345-x2x4z", nil, nil, "backup-*"),
            ("db-0", "StatefulSet", "db", "db-0"),
            ("db-0", nil, nil, "db-0"),
            ("kube-apiserver-node7", "Node", "node7", "kube-apiserver-node7"),
            // An ordinary word of five letters has a vowel, or a digit that is not generated.
            ("my-redis", nil, nil, "my-redis"),
            ("web-proxy", nil, nil, "web-proxy"),
            ("-x2x4z", nil, nil, "-x2x4z"),
        ] as [(String, String?, String?, String)])
    func podsLastAs(name: String, ownerKind: String?, ownerName: String?, lasting: String) {
        #expect(PodName.lasting(name, ownerKind: ownerKind, ownerName: ownerName) == lasting)
    }

    @Test(arguments: [
        ("/user.slice/session-12.scope", "/user.slice/session-*.scope"),
        ("/system.slice/run-u123.service", "/system.slice/run-*.service"),
        ("/system.slice/run-r0f3a9.scope", "/system.slice/run-*.scope"),
        ("/a/energyd-run-65534-29088-1", "/a/energyd-run-*"),
        ("/system.slice/my-app.service", "/system.slice/my-app.service"),
        ("/system.slice/session-x.scope", "/system.slice/session-x.scope"), ("/", "/"),
    ])
    func pathsLastAs(path: String, lasting: String) {
        var node = ScriptedCounters(at: 0)
        node.add("x")
        var snapshot = node.tick()
        snapshot.workloads[0].cgroupPath = path
        #expect(HistoryWorkload(snapshot.workloads[0]).path == lasting)
    }

    @Test(arguments: [
        [:], ["team": "shop"], ["a": "", "": "b"], ["team": "3:x5:", "x": "ä\n\t=,"],
        ["k": String(repeating: "v", count: 300)],
    ])
    func labelsSurviveTheirText(labels: [String: String]) {
        #expect(HistoryDictionary.labels(HistoryDictionary.text(labels)) == labels)
    }

    @Test(arguments: ["", ":", "5:ab", "-1:a", "99999999999999999999:a", "1:a2:b", "1:a1:b7"])
    func damagedLabelsAreReadAsFarAsTheyGo(text: String) {
        _ = HistoryDictionary.labels(text)
    }
}
