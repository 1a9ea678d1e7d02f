import Kubernetes
import Linux
import Logging
import NIOPosix
import Names
import TestSupport
import Workloads

/// A test server that behaves like the API server, over TLS.
final class Server {
    let directory: TemporaryDirectory
    let port: UInt16
    private let control: UInt16
    private let child: Child

    init() throws {
        directory = try TemporaryDirectory()
        let (code, output) = try Child.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
            "\(directory.path)/key.pem", "-out", "\(directory.path)/cert.pem",
        ])
        guard code == 0 else { throw Failure("openssl: \(output)") }
        try directory.write("first", to: "token")
        let script = #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/apiserver.py"
        child = try Child(["python3", script, directory.path])
        let file = directory.path + "/ports"
        eventually { fileExists(file) }
        let ports = try readText(file).split(separator: " ").compactMap { UInt16($0) }
        guard ports.count == 2 else { throw Failure("no server: \(child.output)") }
        (port, control) = (ports[0], ports[1])
    }

    func tell(_ command: String) throws {
        guard let answer = exchange(port: control, Array("GET /\(command) HTTP/1.0\r\n\r\n".utf8)),
            String(decoding: answer, as: UTF8.self).contains(" 200 ")
        else { throw Failure("the server did not take \(command): \(child.output)") }
    }

    /// Requests, with their tokens.
    var requests: [String] {
        ((try? readText(directory.path + "/requests", limit: 16 << 20)) ?? "").split(separator: "\n").map(String.init)
    }

    var configuration: KubernetesConfiguration {
        var configuration = KubernetesConfiguration(
            source: .api, url: "https://127.0.0.1:\(port)", nodeName: "node7", tokenFile: directory.path + "/token",
            authorityFile: directory.path + "/cert.pem")
        configuration.labels = ["team"]
        configuration.firstPause = 0.05
        configuration.longestPause = 0.4
        configuration.pollInterval = 0.3
        return configuration
    }
}

/// What the tick would have.
final class PodClient {
    let names: KubernetesNames
    let feed = NameFeed()
    private var table = NameTable()
    private let task: Task<Void, Never>

    init(
        _ configuration: KubernetesConfiguration,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        let names = KubernetesNames(
            configuration, feed: feed, group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, sleep: sleep)
        self.names = names
        task = Task { await names.run() }
    }

    deinit {
        task.cancel()
    }

    func facts(_ uid: String) -> [String: String] {
        feed.drain(into: &table, at: 0)
        return table.facts(of: CgroupIdentity(cgroupPath: "/kubepods/pod\(uid)"))
    }

    /// Waits until `condition` holds; false after ten seconds.
    func wait(_ condition: () async -> Bool) async -> Bool {
        for _ in 0..<1000 {
            if await condition() { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    func stop() async {
        task.cancel()
        await task.value
    }
}
