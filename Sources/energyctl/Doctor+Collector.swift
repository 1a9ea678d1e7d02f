import Diagnostics
import Fetching
import Linux
import NIOPosix
import Settings

extension Doctor {
    /// What the collector's address answers to a GET, which sends nothing and changes nothing: a receiver of OTLP accepts
    /// POST only. Credentials are left out. Nil where metrics are not pushed.
    func askCollector(_ otlp: OTLPValues) async -> EndpointAnswer? {
        guard let endpoint = otlp.endpoint else { return nil }
        do {
            var settings = FetchSettings()
            settings.connect = .seconds(3)
            settings.silence = .seconds(3)
            if let path = otlp.authorityFile { settings.trust = .authorities(try readNamedFile(path)) }
            if let path = otlp.certificateFile {
                let certificates = try readNamedFile(path)
                settings.identity = (certificates, try otlp.keyFile.map { try readNamedFile($0) } ?? certificates)
            }
            let fetcher = try Fetcher(settings, group: MultiThreadedEventLoopGroup.singleton)
            do {
                var status = 0
                try await fetcher.ask(
                    endpoint, headers: [(name: "User-Agent", value: "energyctl doctor")],
                    limits: BodyLimits(total: .seconds(5), bytes: 1 << 20), head: { status = $0.status }, take: { _ in }
                )
                await fetcher.close()
                return .status(status)
            } catch {
                await fetcher.close()
                throw error
            }
        } catch {
            return .failure("\(error)")
        }
    }
}
