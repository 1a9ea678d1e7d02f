import Attribution
import Linux
import Metering
import TestSupport
import Units

@testable import MeteringHTTP

/// A BMC of its own for each test: a real server, over HTTPS with a self-signed certificate where `isPlain` is false.
final class FakeBMC {
    let directory: TemporaryDirectory
    let url: String
    private let child: Child
    /// The file with the documents.
    var table: String { directory.path + "/table" }
    var certificate: String { directory.path + "/cert.pem" }
    var credentials: String { directory.path + "/credentials" }

    /// - Parameter documents: `"PATH": BODY` pairs of a JSON object; see bmc.py.
    init(_ documents: String = "", account: String? = "reader:s3cret", isPlain: Bool = true, days: Int = 2) throws {
        directory = try TemporaryDirectory()
        var arguments = ["-", "-"]
        if !isPlain {
            arguments = [directory.path + "/cert.pem", directory.path + "/key.pem"]
            let made = try Child.run([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "\(days)", "-subj", "/CN=bmc", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                arguments[1], "-out", arguments[0],
            ])
            guard made.code == 0 else { throw Failure("openssl: \(made.output)") }
        }
        try directory.write("reader:s3cret\n", to: "credentials")
        try directory.write("{\(documents)}", to: "table")
        let script = #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/bmc.py"
        child = try Child(["python3", script, directory.path + "/table"] + arguments + (account.map { [$0] } ?? []))
        let child = child
        let port = try waitFor("the port of the fake BMC", within: 15) {
            child.output.split(separator: "\n").first.flatMap { Int($0) }
        }
        url = "\(isPlain ? "http" : "https")://127.0.0.1:\(port)"
    }

    /// Replaces all documents.
    func serve(_ documents: String) throws { try directory.write("{\(documents)}", to: "table") }

    /// The requests so far: path and authorization.
    var requests: [String] {
        get throws {
            guard let log = try? readText(table + ".log", limit: 16 << 20) else { return [] }
            return log.split(separator: "\n").map(String.init)
        }
    }

    /// Readings of the poller until its clock ends, as the tick would see them.
    ///
    /// - Parameter clock: ends with the first pause unless it allows more.
    func ask(
        clock: VirtualClock = VirtualClock(sleeps: 0), _ change: (inout RedfishSettings) -> Void = { _ in }
    ) async throws -> SourceAnswer {
        var settings = RedfishSettings(url: url)
        settings.credentialsFile = credentials
        settings.authorityFile = url.hasPrefix("https") ? certificate : nil
        settings.patience = .milliseconds(300)
        change(&settings)
        let poller = RedfishPoller(settings, clock: clock)
        var source = PolledSource(
            name: "redfish", zones: [Zone(.platform, source: "redfish", quality: .measured)], interval: Seconds(10),
            mailbox: poller.mailbox)
        await poller.run()
        let usage = NodeUsage(duration: Seconds(1), busy: Seconds(0), cpuCount: 1)
        source.sample(at: Seconds(0))
        _ = source.collect(usage, at: Seconds(0))
        let energy = source.collect(usage, at: Seconds(1)).first?.energy
        return SourceAnswer(
            watts: energy?.joules, error: source.health.lastError, errors: source.health.errors,
            remarks: source.health.remarks)
    }
}

struct SourceAnswer {
    let watts: Double?
    let error: String?
    let errors: UInt64
    let remarks: [String]

    /// True where one of the remarks has all of these texts.
    func remarks(_ texts: String...) -> Bool { remarks.contains { remark in texts.allSatisfy(remark.contains) } }
}

/// The documents of a service with these chassis, each with its power.
func service(_ chassis: (name: String, watts: Double)...) -> String {
    collection(chassis.map(\.name)) + chassis.map { ", " + single($0.name, $0.watts) }.joined()
}

func collection(_ names: [String]) -> String {
    let members = names.map { #"{"@odata.id": "/redfish/v1/Chassis/\#($0)"}"# }.joined(separator: ", ")
    return #""/redfish/v1/Chassis": {"Members": [\#(members)]}"#
}

func single(_ name: String, _ watts: Double, _ more: String = "") -> String {
    let path = "/redfish/v1/Chassis/\(name)"
    return #""\#(path)": {\#(more) "Power": {"@odata.id": "\#(path)/Power"}}, "#
        + #""\#(path)/Power": {"PowerControl": [{"PowerConsumedWatts": \#(watts)}]}"#
}
