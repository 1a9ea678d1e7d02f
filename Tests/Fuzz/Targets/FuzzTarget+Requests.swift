internal import Telemetry

extension FuzzTarget {
    /// What clients of the agent send.
    static let requests = [
        FuzzTarget(
            "accept", "the headers by which a client chooses a format", largest: 8192,
            texts: [
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                "gzip;q=0, *", "text/*;q=\"1,\";a=\"", ";;q=1e999,,", "text/plain;version=\"0.0.4\";charset=latin1",
            ]
        ) { bytes in
            let header = AcceptHeader(text(bytes))
            _ = header.takes(coding: "gzip")
            let type = TextFormat.negotiated(header).contentType
            // Nothing of the client's gets into the answer, but for a scheme that is known.
            let known = ["allow-utf-8", "underscores", "dots", "values"]
            let plain = known.reduce(type) {
                $1.isEmpty ? $0 : $0.hasSuffix("; escaping=" + $1) ? String($0.dropLast($1.utf8.count + 11)) : $0
            }
            require(
                [
                    "text/plain; version=0.0.4; charset=utf-8", "text/plain; version=1.0.0; charset=utf-8",
                    "application/openmetrics-text; version=1.0.0; charset=utf-8",
                    "application/openmetrics-text; version=0.0.1; charset=utf-8",
                ].contains(plain), type)
        }
    ]
}
