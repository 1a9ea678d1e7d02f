internal import ArgumentParser

/// Where the HTTP server listens: `127.0.0.1:9464`, `:9464` for every interface, `[::1]:9464`.
package struct ListenAddress: ExpressibleByArgument, Equatable, Sendable, CustomStringConvertible {
    /// Empty for every interface, IPv6 and IPv4.
    package let host: String
    package let port: Int

    package init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = Int(argument[argument.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        self.host = String(host)
        self.port = port
    }

    package var isEveryInterface: Bool { host.isEmpty }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    package var defaultValueDescription: String { description }
}

/// A length of time on the command line: `1s`, `500ms`, `10m`, or plain seconds.
package struct TimeSpan: ExpressibleByArgument, Equatable, Sendable {
    package let duration: Duration

    package init(_ duration: Duration) {
        self.duration = duration
    }

    package init?(argument: String) {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)]
        let unit = units.first { argument.hasSuffix($0.0) } ?? ("", 1)
        guard let number = Double(argument.dropLast(unit.0.count)), number.isFinite, number >= 0, number < 1e9 else {
            return nil
        }
        duration = .milliseconds(Int64((number * unit.1 * 1000).rounded()))
    }

    package var defaultValueDescription: String {
        let milliseconds = duration / .milliseconds(1)
        return milliseconds < 1000 ? "\(Int(milliseconds))ms" : "\(Int(milliseconds / 1000))s"
    }
}
