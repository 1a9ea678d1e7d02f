internal import AsyncHTTPClient
internal import Attribution
package import Metering
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Units

/// Reads a BMC's power periodically and leaves it in a mailbox: BMCs take seconds to answer.
package struct RedfishPoller: Sendable {
    package let mailbox = PowerMailbox()
    private let settings: RedfishSettings
    private let clock: any Clock<Duration>

    private static let largestResponse = 1 << 20
    private static let maxChassis = 32
    /// Time between two attempts after a refusal, s: BMCs lock accounts that fail too often.
    private static let refusalInterval = 300.0

    /// - Parameter clock: measures the time between two readings.
    package init(_ settings: RedfishSettings, clock: any Clock<Duration> = ContinuousClock()) {
        self.settings = settings
        self.clock = clock
    }

    /// Polls until the task is cancelled.
    package func run() async {
        // One thread, not one per CPU, and only while it polls.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration())
        var resources: [String] = []
        while !Task.isCancelled {
            var pause = settings.interval
            do throws(Diagnosis) {
                if resources.isEmpty { resources = try await discover(client) }
                mailbox.post([.platform: Watts(try await readPower(resources, client))])
            } catch {
                if Task.isCancelled { break }
                resources = []
                mailbox.fail(error)
                if error.code == .permission { pause = max(pause, Self.refusalInterval) }
            }
            do { try await clock.sleep(for: .seconds(pause)) } catch { break }
        }
        try? await client.shutdown()
        try? await group.shutdownGracefully()
    }

    private func configuration() -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if !settings.verifiesCertificate { tls.certificateVerification = .none }
        if let file = settings.authorityFile { tls.trustRoots = .file(file) }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    /// The resources that hold the power of a chassis.
    private func discover(_ client: HTTPClient) async throws(Diagnosis) -> [String] {
        let root = "/redfish/v1/Chassis"
        guard let chassis = RedfishDocument.decode(RedfishDocument.Collection.self, try await get(root, client)) else {
            throw Diagnosis(.garbage, "\(settings.url)\(root): not a collection of chassis")
        }
        var resources: [String] = []
        for member in chassis.members.prefix(Self.maxChassis) {
            let bytes = try await get(member.path, client)
            guard let chassis = RedfishDocument.decode(RedfishDocument.Chassis.self, bytes) else { continue }
            for link in [chassis.environment, chassis.power] {
                guard let path = link?.path, let bytes = try? await get(path, client),
                    RedfishDocument.watts(in: bytes) != nil
                else { continue }
                resources.append(path)
                break
            }
        }
        guard !resources.isEmpty else {
            throw Diagnosis(.missing, "\(settings.url)\(root): no chassis reports its power")
        }
        return resources
    }

    /// The highest power of any chassis: a chassis may lie in another, so they are not added up.
    private func readPower(_ resources: [String], _ client: HTTPClient) async throws(Diagnosis) -> Double {
        var highest: Double?
        for path in resources {
            if let watts = RedfishDocument.watts(in: try await get(path, client)) { highest = max(highest ?? 0, watts) }
        }
        guard let highest else { throw Diagnosis(.garbage, "\(settings.url)\(resources[0]): no power reading") }
        return highest
    }

    private func get(_ path: String, _ client: HTTPClient) async throws(Diagnosis) -> [UInt8] {
        // A document must not send the credentials elsewhere.
        guard path.hasPrefix("/"), !path.hasPrefix("//") else {
            throw Diagnosis(.garbage, "\(settings.url): a link that is not a path")
        }
        let url = settings.url + path
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "OData-Version", value: "4.0")
        if let authorization = try settings.authorization() {
            request.headers.add(name: "Authorization", value: authorization)
        }
        let response: (status: HTTPResponseStatus, body: [UInt8])
        do {
            let answer = try await client.execute(request, timeout: .seconds(15))
            response = (answer.status, Array(buffer: try await answer.body.collect(upTo: Self.largestResponse)))
        } catch {
            throw Self.explain(error, url)
        }
        switch response.status.code {
        case 200: return response.body
        case 401, 403:
            throw Diagnosis(
                .permission, "\(url): HTTP \(response.status.code): the BMC refuses the credentials",
                remedy: "set --power.redfish.credentials to a file with USER:PASSWORD of an account with read access")
        case 404:
            throw Diagnosis(.missing, "\(url): HTTP 404", remedy: "check that --power.redfish.url is a Redfish service")
        default: throw Diagnosis(.unreachable, "\(url): HTTP \(response.status.code)")
        }
    }

    private static func explain(_ error: any Error, _ url: String) -> Diagnosis {
        let text = "\(error)"
        let isCertificate = error is NIOSSLError || error is NIOSSLExtraError || text.contains("CERTIFICATE_VERIFY")
        return Diagnosis(
            .unreachable, "\(url): " + (isCertificate ? "its certificate is not trusted (\(text))" : text),
            remedy: isCertificate
                ? "set --power.redfish.ca to the certificate of its authority or, on a trusted network, turn "
                    + "verification off with --power.redfish.insecure"
                : "check --power.redfish.url, and that this node reaches the BMC")
    }
}
