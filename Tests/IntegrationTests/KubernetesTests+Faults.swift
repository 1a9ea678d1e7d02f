import Kubernetes
import Linux
import Names
import TestSupport
import Testing

extension RealKernel {
    /// Servers that stop in the middle of an answer, or never come to its end.
    @Suite(.enabled(if: fileExists("/usr/bin/openssl"), "needs openssl"))
    struct KubernetesFaults {
        private func uid(_ number: Int) -> String { "0c3e8a52-1111-4222-8333-\(100_000_000_000 + number)" }

        /// The head of a watch comes, and then nothing more: known names stay, the source is down until events come again.
        @Test func aWatchThatFallsSilentIsNoticed() async throws {
            let server = try Server()
            try server.tell("add?name=one&uid=\(uid(1))")
            try server.tell("stall?value=1")
            var configuration = server.configuration
            configuration.watchSilence = .milliseconds(700)
            let client = PodClient(configuration)
            #expect(await client.wait { client.feed.states.first?.isUp == false })
            #expect(client.feed.states.first?.lastError?.contains("silent for 0.7 s") == true)
            #expect(client.facts(uid(1))["k8s.pod.name"] == "one")
            // A head alone does not make it up again.
            let errors = client.feed.states.first?.errors ?? 0
            #expect(await client.wait { (client.feed.states.first?.errors ?? 0) > errors + 1 })
            #expect(client.feed.states.first?.isUp == false)
            try server.tell("stall?value=0")
            try server.tell("add?name=two&uid=\(uid(2))")
            #expect(await client.wait { client.facts(uid(2))["k8s.pod.name"] == "two" })
            #expect(client.feed.states.first?.isUp == true)
            #expect(server.requests.count { !$0.contains("watch=1") } == 1)
            await client.stop()
        }

        @Test func aListThatFallsSilentIsNoticed() async throws {
            let server = try Server()
            try server.tell("add?name=one&uid=\(uid(1))")
            try server.tell("hang?value=1")
            var configuration = server.configuration
            configuration.silence = .milliseconds(500)
            let client = PodClient(configuration)
            #expect(await client.wait { client.feed.states.first?.lastError?.contains("silent for 0.5 s") == true })
            try server.tell("hang?value=0")
            #expect(await client.wait { client.facts(uid(1))["k8s.pod.name"] == "one" })
            await client.stop()
        }

        /// A token for the next page, for ever: each time another, or the same one.
        @Test(arguments: [(1, "more than 100 pages"), (2, "the same page again")])
        func aListWithoutEndIsAnError(kind: Int, words: String) async throws {
            let server = try Server()
            try server.tell("pages?value=\(kind)")
            let client = PodClient(server.configuration) { _ in try await Task.sleep(for: .seconds(60)) }
            #expect(
                await client.wait { client.feed.states.first?.lastError?.contains("the list does not end") == true })
            #expect(client.feed.states.first?.lastError?.contains(words) == true)
            #expect(server.requests.count <= 101)
            await client.stop()
        }

        /// The words that users read, without the insides of libraries.
        @Test func errorsAreWords() async throws {
            let server = try Server()
            var configuration = server.configuration
            func error() async -> String {
                let client = PodClient(configuration)
                _ = await client.wait { client.feed.states.first?.lastError != nil }
                await client.stop()
                return client.feed.states.first?.lastError ?? ""
            }
            let port = try freePort()
            configuration.url = "https://127.0.0.1:\(port)"
            #expect(await error().contains("connection refused: nothing listens there: check --kubernetes.url"))
            configuration.url = "https://no-such-host.invalid"
            #expect(await error().contains("its name cannot be resolved: check --kubernetes.url"))
            configuration = server.configuration
            let other = try Server()
            configuration.authorityFile = other.configuration.authorityFile
            #expect(
                await error().contains("not signed by an authority that is trusted here: check --kubernetes.ca-file"))
            withExtendedLifetime(other) {}
            // A token file and a certificate that were edited on another system.
            configuration = server.configuration
            let certificate = try readText(configuration.authorityFile)
            try server.directory.write("\u{FEFF}first \r\n", to: "token")
            try server.directory.write("\u{FEFF}" + certificate, to: "marked.pem")
            configuration.authorityFile = server.directory.path + "/marked.pem"
            try server.tell("add?name=one&uid=\(uid(1))")
            let client = PodClient(configuration)
            #expect(await client.wait { client.facts(uid(1))["k8s.pod.name"] == "one" })
            await client.stop()
        }
    }
}
