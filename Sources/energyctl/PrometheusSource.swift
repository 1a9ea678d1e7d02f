import ArgumentParser
import Fetching
import FoundationEssentials
import Linux
import NIOPosix
import Snapshot
import Terminal

/// Where a Prometheus, or what speaks its HTTP API, answers: `http://prometheus:9090`.
struct PrometheusAddress: Hashable, Sendable, CustomStringConvertible, ExpressibleByArgument {
    /// Without a slash at its end.
    let description: String

    /// Nil unless it is an address of the web, without a user or password: command lines can be read by everybody.
    init?(argument: String) {
        guard ["http://", "https://"].contains(where: { argument.hasPrefix($0) && argument != $0 }),
            !argument.drop(while: { $0 != ":" }).dropFirst("://".count).prefix(while: { !"/?#".contains($0) }).contains(
                "@")
        else { return nil }
        description = argument.hasSuffix("/") ? String(argument.dropLast()) : argument
    }

    /// What answers `query`.
    func url(_ query: String) -> String {
        var encoded = ""
        for byte in query.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                byte < 0x80 && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_")
            let digits = String(byte, radix: 16, uppercase: true)
            encoded += isPlain ? String(scalar) : "%" + (digits.count < 2 ? "0" : "") + digits
        }
        return "\(description)/api/v1/query?query=\(encoded)"
    }
}

/// Many nodes, from a Prometheus that scrapes their agents.
struct PrometheusSource: SnapshotSource {
    private static let limits = BodyLimits(total: .seconds(10), bytes: 64 << 20)

    private let address: PrometheusAddress
    private let fetcher: Fetcher
    private let headers: [(name: String, value: String)]

    init(_ address: PrometheusAddress, access: AgentAccess) throws {
        var settings = FetchSettings()
        settings.trust = try access.trust()
        (settings.connect, settings.silence) = (.seconds(2), .seconds(10))
        headers = try access.authorization().map { [(name: "Authorization", value: $0)] } ?? []
        if !headers.isEmpty, !address.description.hasPrefix("https://") {
            throw SourceFailure("\(address): passwords and tokens are sent over https:// only")
        }
        self.address = address
        do {
            fetcher = try Fetcher(settings, group: MultiThreadedEventLoopGroup.singleton)
        } catch {
            throw SourceFailure("--agent.ca: \(error)")
        }
    }

    mutating func next() async throws -> Snapshot {
        var samples: [PrometheusFleet.Query: [PrometheusFleet.Sample]] = [:]
        for query in PrometheusFleet.Query.allCases { samples[query] = try await ask(query) }
        let now = samples.values.joined().map(\.time).max() ?? 0
        guard let whole = Fleet.merged(PrometheusFleet.reports(samples, now: now)) else {
            throw SourceFailure(
                "\(address): has no series energyd_node_power_watts: let it scrape the agents (docs/operations.md)")
        }
        return whole
    }

    mutating func close() async { await fetcher.close() }

    private func ask(_ query: PrometheusFleet.Query) async throws -> [PrometheusFleet.Sample] {
        let head: FetchHead
        let body: [UInt8]
        do {
            (head, body) = try await fetcher.ask(address.url(query.rawValue), headers: headers, limits: Self.limits)
        } catch let failure as FetchFailure {
            throw SourceFailure("\(address): \(failure)")
        }
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(body))
        guard head.status == 200, let answer, answer.status == "success", let data = answer.data else {
            let reason = answer?.error ?? (head.status == 200 ? "not the answer of a Prometheus" : head.reason)
            throw SourceFailure("\(address): HTTP \(head.status) \(printable(reason))")
        }
        return data.result.map { .init(labels: $0.metric, time: $0.time, value: $0.value) }
    }

    private struct Answer: Decodable {
        struct Content: Decodable { var result: [Series] }
        var status: String
        var error: String?
        var data: Content?
    }

    private struct Series: Decodable {
        let metric: [String: String]
        let time: Double
        let value: Double

        private enum CodingKeys: String, CodingKey { case metric, value }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            metric = try fields.decode([String: String].self, forKey: .metric)
            var pair = try fields.nestedUnkeyedContainer(forKey: .value)
            time = try pair.decode(Double.self)
            value = Double(try pair.decode(String.self)) ?? .nan
        }
    }
}
