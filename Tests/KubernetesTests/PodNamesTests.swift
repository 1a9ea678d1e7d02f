import FoundationEssentials
import Names
import Testing

@testable import Kubernetes

/// What is kept of pods stays bounded, whatever a server sends.
@Suite struct PodNamesTests {
    private let configuration: KubernetesConfiguration = {
        var configuration = KubernetesConfiguration(
            source: .api, url: "https://x/", nodeName: "n", tokenFile: "", authorityFile: "")
        configuration.annotations = ["big"]
        return configuration
    }()

    private func pod(_ uid: String, containers: Int = 0, note: String = "") -> [UInt8] {
        let statuses = (0..<containers).map { number in
            #"{"name":"c\#(number)","containerID":"containerd://\#(uid)-0123456789-\#(number)"}"#
        }
        return Array(
            (#"{"metadata":{"name":"p","namespace":"s","uid":"\#(uid)","annotations":{"big":"\#(note)"}},"#
                + #""status":{"containerStatuses":[\#(statuses.joined(separator: ","))]}}"#).utf8)
    }

    @Test func thereIsRoomForSoManyAndTheRestIsCounted() {
        let feed = NameFeed()
        var names = PodNames(configuration, feed: feed, limit: 10)
        for number in 0..<20 { _ = names.update(pod("u\(number)", containers: 1)) }
        #expect(names.count == 5)
        var table = NameTable()
        feed.drain(into: &table, at: 0)
        #expect(table.refused == 15 && table.count == 10)
        // What goes makes room, and a pod that is known may change within it.
        names.forget("u0")
        #expect(names.update(pod("u9", containers: 1)) == "u9")
        #expect(names.update(pod("u9", containers: 2)) == nil)
        #expect(names.update(pod("u9")) == "u9")
        names.keep(only: [])
        #expect(names.count == 0)
        #expect(names.update(pod("v", containers: 9)) == "v")
        #expect(names.update(pod("w")) == nil)
    }

    @Test func longTextsAreCutAndStayDifferent() throws {
        let long = String(repeating: "x", count: 200_000)
        let notes = try [long, long + "y"].compactMap {
            try PodNames.decode(Pod.self, pod("a", note: $0)).updates(configuration, source: .kubernetes)
                .first?.facts?["k8s.pod.annotation.big"]
        }
        #expect(notes.count == 2 && notes[0] != notes[1])
        #expect(notes.allSatisfy { $0.utf8.count <= 512 && $0.hasPrefix("xxx") })
        var names = PodNames(configuration, feed: NameFeed())
        #expect(names.update(pod(long)) == nil && names.count == 0)
    }
}
