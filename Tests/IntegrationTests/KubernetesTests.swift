import Glibc
import Kubernetes
import Linux
import Logging
import NIOPosix
import Names
import TestSupport
import Testing
import Workloads

/// Virtual time: sleepers wake at once up to a limit, and then wait to be released.
private actor HurriedTime {
    private(set) var pauses: [Double] = []
    private let end: Double
    private var isReleased = false

    init(end: Double) {
        self.end = end
    }

    /// Since the start, s.
    var now: Double { pauses.reduce(0, +) }
    var isOver: Bool { now >= end }

    func sleep(_ duration: Duration) async throws {
        pauses.append(duration / .seconds(1))
        while isOver, !isReleased { try await Task.sleep(for: .milliseconds(10)) }
    }

    func release() {
        isReleased = true
    }
}

extension RealKernel {
    @Suite(.enabled(if: fileExists("/usr/bin/openssl"), "needs openssl"))
    struct Kubernetes {
        private func uid(_ number: Int) -> String { "0c3e8a52-1111-4222-8333-\(100_000_000_000 + number)" }

        @Test func aPodIsFollowedFromItsFirstToItsLastMoment() async throws {
            let server = try Server()
            try server.tell("elsewhere?count=5000")
            let id = String(repeating: "ab12", count: 16)
            try server.tell("add?name=one&uid=\(uid(1))&container=\(id)")
            let client = PodClient(server.configuration)
            #expect(await client.wait { client.facts(uid(1))["k8s.pod.name"] == "one" })
            #expect(
                client.facts(uid(1))["k8s.owner.name"] == "web"
                    && client.facts(uid(1))["k8s.owner.kind"] == "Deployment")
            #expect(client.facts(uid(1))["k8s.pod.cpu.request"] == "0.1")
            try server.tell("add?name=two&uid=\(uid(2))&team=ops")
            #expect(await client.wait { client.facts(uid(2))["k8s.pod.label.team"] == "ops" })
            try server.tell("add?name=two&uid=\(uid(2))&team=dev")
            #expect(await client.wait { client.facts(uid(2))["k8s.pod.label.team"] == "dev" })
            try server.tell("add?name=away&uid=\(uid(3))&node=node9")
            try server.tell("delete?name=one")
            #expect(await client.wait { await client.names.count == 1 })
            #expect(client.facts(uid(3)).isEmpty)
            await client.stop()
            // Never the whole cluster, and one list only.
            let pods = server.requests
            #expect(
                pods.allSatisfy { $0.contains("fieldSelector=spec.nodeName=node7") && $0.hasPrefix("/api/v1/pods?") })
            #expect(pods.count { !$0.contains("watch=1") } == 1)
            #expect(
                pods.contains { $0.contains("resourceVersion=0 ") }
                    && pods.contains { $0.contains("allowWatchBookmarks=true") })
        }

        @Test func whateverTheServerDoesTheNamesComeRight() async throws {
            let server = try Server()
            try server.tell("add?name=one&uid=\(uid(1))")
            let client = PodClient(server.configuration)
            #expect(await client.wait { !client.facts(uid(1)).isEmpty })
            func lists() -> Int { server.requests.count { !$0.contains("watch=1") } }

            // After a broken connection the watch resumes where it was.
            try server.tell("cut")
            try server.tell("add?name=two&uid=\(uid(2))")
            #expect(await client.wait { !client.facts(uid(2)).isEmpty })
            // So does a watch that ends in good order, from the bookmark.
            try server.tell("bookmark")
            try server.tell("end")
            try server.tell("add?name=three&uid=\(uid(3))")
            #expect(await client.wait { !client.facts(uid(3)).isEmpty })
            #expect(lists() == 1)

            // Too old: reported in the stream and as the response. The new list has what was missed, and drops what is gone.
            try server.tell("expire")
            try server.tell("delete?name=two")
            try server.tell("cut")
            #expect(await client.wait { await client.names.count == 2 })
            try server.tell("gone?value=2")
            try server.tell("cut")
            try server.tell("add?name=four&uid=\(uid(4))")
            #expect(await client.wait { !client.facts(uid(4)).isEmpty })
            #expect(lists() >= 2)

            // The token is replaced: the old one is refused, the new one works.
            let asked = server.requests.count
            try server.tell("token?value=second")
            try server.tell("cut")
            #expect(await client.wait { server.requests.count > asked })
            #expect(server.requests.last?.hasSuffix("Bearer first") == true)
            try server.directory.write("second", to: "token")
            try server.tell("add?name=five&uid=\(uid(5))")
            #expect(await client.wait { !client.facts(uid(5)).isEmpty })
            #expect(server.requests.last?.hasSuffix("Bearer second") == true)

            // Too many requests: the requested pause is observed.
            let before = server.requests.count
            let began = ContinuousClock.now
            try server.tell("throttle?value=1")
            try server.tell("cut")
            try server.tell("add?name=six&uid=\(uid(6))")
            #expect(await client.wait { !client.facts(uid(6)).isEmpty })
            #expect(ContinuousClock.now - began >= .seconds(1) && server.requests.count - before <= 3)

            // No response: known names stay, the failure is reported, and the watch resumes afterwards.
            try server.tell("down?value=1")
            try server.tell("cut")
            let failures = client.feed.states.first?.errors ?? 0
            #expect(await client.wait { client.feed.states.first?.errors ?? 0 >= failures + 3 })
            #expect(!client.facts(uid(1)).isEmpty && client.feed.states.first?.isUp == false)
            try server.tell("down?value=0")
            try server.tell("add?name=seven&uid=\(uid(7))")
            #expect(await client.wait { !client.facts(uid(7)).isEmpty })
            #expect(await client.wait { client.feed.states.first?.isUp == true })
            #expect(server.requests.allSatisfy { $0.contains("fieldSelector=spec.nodeName=node7") })
            await client.stop()
        }

        /// No response for an hour: the server is tried about once a minute, nothing is forgotten, and what comes
        /// after the hour is learnt with the next attempt.
        @Test func anHourWithoutAnAnswerIsBorne() async throws {
            let server = try Server()
            try server.tell("add?name=one&uid=\(uid(1))")
            let time = HurriedTime(end: 3600)
            var configuration = server.configuration
            (configuration.firstPause, configuration.longestPause) = (0.5, 60)
            let client = PodClient(configuration) { try await time.sleep($0) }
            #expect(await client.wait { client.facts(uid(1))["k8s.pod.name"] == "one" })
            let before = server.requests.count
            try server.tell("down?value=1")
            try server.tell("cut")
            #expect(await client.wait { await time.isOver })
            let pauses = await time.pauses
            let requests = server.requests.count - before
            // Twice the number of minutes if jitter were always the least, and the first few that come faster.
            #expect((60...128).contains(requests), "\(requests) requests in an hour")
            #expect(pauses.allSatisfy { (0.25...60).contains($0) } && pauses[0] <= 0.5, "\(pauses)")
            #expect(pauses.dropFirst(8).allSatisfy { $0 >= 30 } && Set(pauses).count == pauses.count, "\(pauses)")
            #expect(client.facts(uid(1))["k8s.pod.name"] == "one")
            let state = try #require(client.feed.states.first)
            #expect(!state.isUp && state.errors >= UInt64(requests) && state.lastError != nil)

            try server.tell("down?value=0")
            try server.tell("add?name=two&uid=\(uid(2))")
            await time.release()
            #expect(await client.wait { client.facts(uid(2))["k8s.pod.name"] == "two" })
            #expect(await time.pauses.count == pauses.count && client.feed.states.first?.isUp == true)
            await client.stop()
        }

        @Test func theKubeletIsAskedAgainAndAgain() async throws {
            let server = try Server()
            try server.tell("add?name=one&uid=\(uid(1))")
            var configuration = server.configuration
            configuration.source = .kubelet
            let client = PodClient(configuration)
            #expect(await client.wait { client.facts(uid(1))["k8s.pod.name"] == "one" })
            try server.tell("add?name=two&uid=\(uid(2))")
            #expect(await client.wait { client.facts(uid(2))["k8s.pod.name"] == "two" })
            try server.tell("delete?name=one")
            #expect(await client.wait { await client.names.count == 1 })
            #expect(server.requests.allSatisfy { $0.hasPrefix("/pods? ") })
            await client.stop()
        }

        /// Nothing is sent to a server whose certificate the authority did not sign.
        @Test func anUnknownCertificateIsNotTrusted() async throws {
            let server = try Server()
            let other = try Server()
            var configuration = server.configuration
            configuration.authorityFile = other.configuration.authorityFile
            let client = PodClient(configuration)
            #expect(await client.wait { client.feed.states.first?.errors ?? 0 > 1 })
            #expect(client.feed.states.first?.isUp == false && server.requests.isEmpty)
            await client.stop()
        }

        /// A day of jobs on this node and 5,000 pods elsewhere leave nothing behind.
        @Test func memoryStaysFlat() async throws {
            let server = try Server()
            try server.tell("elsewhere?count=5000")
            let client = PodClient(server.configuration)
            func churn(_ count: Int) async throws {
                try server.tell("churn?count=\(count)")
                try server.tell("add?name=last-\(count)&uid=\(uid(count))")
                let isDone = await client.wait { !client.facts(uid(count)).isEmpty }
                #expect(isDone)
            }
            #expect(await client.wait { client.feed.states.first?.isUp == true })
            try await churn(201)
            let before = OwnUsage.read().residentBytes ?? 0
            try await churn(602)
            let after = OwnUsage.read().residentBytes ?? 0
            #expect(await client.names.count == 2)
            #expect(after < before + 16 << 20, "\(before >> 20) -> \(after >> 20) MiB")
            await client.stop()
        }
    }
}
