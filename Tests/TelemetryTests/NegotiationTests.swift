import Telemetry
import Testing

@Suite struct NegotiationTests {
    private func answer(_ accept: String?) -> String { TextFormat.negotiated(AcceptHeader(accept)).contentType }

    private static let plain = "text/plain; version=0.0.4; charset=utf-8"
    private static let open = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    /// What programs send, and what they get.
    @Test(
        arguments: [
            (nil, plain), ("", plain), ("*/*", plain), ("text/*;q=0.3", plain), ("text/plain", plain),
            // Prometheus 2.42, and 3.0.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", open
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                    + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                    + "text/plain;version=0.0.4;q=0.2,/;q=0.1", open + "; escaping=allow-utf-8"
            ),
            (
                "text/plain;version=1.0.0;escaping=underscores;q=0.5,text/plain;q=0.1",
                "text/plain; version=1.0.0; charset=utf-8; escaping=underscores"
            ),
            // Asked for protobuf, which is not there.
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                    + "application/openmetrics-text;q=0.5", open
            ),
            // A browser.
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", plain),
        ] as [(String?, String)])
    func whatProgramsGet(_ accept: String?, _ type: String) { #expect(answer(accept) == type) }

    @Test(arguments: [
        ("text/plain;q=0.4, application/openmetrics-text;q=0.5", open),
        ("text/plain;q=0.6, application/openmetrics-text;q=0.5", plain),
        ("APPLICATION/OpenMetrics-Text; Version=\"1.0.0\" ; Q=0.9 , text/plain;q=0.2", open),
        ("application/openmetrics-text;version=0.0.1", "application/openmetrics-text; version=0.0.1; charset=utf-8"),
        // Refused, unknown, or of no meaning: never an error.
        ("application/openmetrics-text;q=0", plain), ("application/json", plain),
        ("application/openmetrics-text;version=2.0.0", plain), ("text/plain;version=0.0.3;q=0.1", plain),
        ("application/openmetrics-text;q=high, text/plain;q=0.5", plain), (";;q=1,,=", plain),
        ("application/openmetrics-text;escaping=rot13", open),
        (String(repeating: "a/b,", count: 5000) + "application/openmetrics-text", plain),
    ])
    func theBestIsTaken(_ accept: String, _ type: String) { #expect(answer(accept) == type) }

    @Test(
        arguments: [
            (nil, false), ("gzip", true), ("identity", false), ("gzip;q=0", false), ("deflate, GZIP;q=0.5", true),
            ("*", true), ("*;q=0", false), ("gzip;q=0, *", false), ("br", false),
        ] as [(String?, Bool)])
    func codings(_ header: String?, _ isTaken: Bool) { #expect(AcceptHeader(header).takes(coding: "gzip") == isTaken) }
}
