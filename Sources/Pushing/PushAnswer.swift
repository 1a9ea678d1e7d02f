internal import FoundationEssentials
internal import Glibc
internal import Linux

/// What an answer of a collector means: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
package enum PushAnswer: Sendable, Equatable {
    /// Taken; of so many data points the collector says that it refused them, and why. They are not sent again.
    case taken(rejected: UInt64, String)
    /// To be sent again, after so long where it says.
    case later(String, after: Duration?)
    /// Never to be taken.
    case refused(String)
    /// Too large.
    case tooLarge(String)

    /// - Parameters:
    ///   - retryAfter: the header `Retry-After`.
    ///   - now: Unix time, s.
    package init(
        status: Int, contentType: String?, retryAfter: String?, body: [UInt8], now: Double
    ) {
        let isJSON = contentType?.lowercased().contains("json") == true
        switch status {
        case 200..<300:
            let partial = isJSON ? Self.partialJSON(body) : Self.partialProtobuf(body)
            self = .taken(rejected: partial.rejected, printable(partial.message, limit: 200))
        case 429, 502, 503, 504:
            self = .later("HTTP \(status)\(Self.words(body, isJSON))", after: Self.pause(retryAfter, now: now))
        case 413: self = .tooLarge("HTTP 413")
        default: self = .refused("HTTP \(status)\(Self.words(body, isJSON))")
        }
    }

    /// Seconds, or a date.
    static func pause(_ text: String?, now: Double) -> Duration? {
        guard let text else { return nil }
        if let seconds = UInt32(text) { return .seconds(Int(seconds)) }
        guard let date = unixTime(httpDate: text) else { return nil }
        return .seconds(max(0, date - now))
    }

    /// The Unix time, s, of `Thu, 26 Nov 2026 17:00:00 GMT`; nil for anything else (RFC 9110, 5.6.7).
    private static func unixTime(httpDate text: String) -> Double? {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT",
            let month = months.firstIndex(of: String(words[2])),
            let day = UInt8(words[1]), (1...31).contains(day), let year = UInt16(words[3]),
            (1970..<10_000).contains(year)
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { UInt8($0) }
        guard time.count == 3, time[0] < 24, time[1] < 60, time[2] <= 60 else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(year) - 1900, Int32(month), Int32(day))
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(time[0]), Int32(time[1]), Int32(time[2]))
        return Double(timegm(&parts))
    }

    // MARK: Bodies

    private struct Partial: Decodable {
        struct Success: Decodable {
            /// A string, as 64-bit integers are in OTLP's JSON; some write a number.
            var rejectedDataPoints: FlexibleInteger?
            var errorMessage: String?
        }
        var partialSuccess: Success?
    }

    private struct FlexibleInteger: Decodable {
        let value: UInt64

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                value = UInt64(text) ?? 0
            } else {
                value = (try? container.decode(UInt64.self)) ?? 0
            }
        }
    }

    private static func partialJSON(_ body: [UInt8]) -> (rejected: UInt64, message: String) {
        let partial = try? JSONDecoder().decode(Partial.self, from: Data(body)).partialSuccess
        return (partial?.rejectedDataPoints?.value ?? 0, partial?.errorMessage ?? "")
    }

    private static func partialProtobuf(_ body: [UInt8]) -> (rejected: UInt64, message: String) {
        var reader = ProtobufReader(body)
        while let field = reader.next() {
            guard field.number == 1, case .bytes(let bytes) = field.value else { continue }
            var partial = ProtobufReader(Array(bytes))
            var found: (rejected: UInt64, message: String) = (0, "")
            while let field = partial.next() {
                switch (field.number, field.value) {
                case (1, .number(let count)) where count <= Int64.max: found.rejected = count
                case (2, .bytes(let text)): found.message = String(decoding: text, as: UTF8.self)
                default: break
                }
            }
            return found
        }
        return (0, "")
    }

    /// `: words` of a `google.rpc.Status`, or of text; empty where there are none.
    private static func words(_ body: [UInt8], _ isJSON: Bool) -> String {
        struct Status: Decodable { var message: String? }
        var text = ""
        if isJSON {
            text = (try? JSONDecoder().decode(Status.self, from: Data(body)).message) ?? ""
        } else {
            var reader = ProtobufReader(body)
            while let field = reader.next() {
                if field.number == 2, case .bytes(let bytes) = field.value {
                    text = String(validating: bytes, as: UTF8.self) ?? ""
                }
            }
            if text.isEmpty, reader.isDamaged { text = String(validating: body.prefix(500), as: UTF8.self) ?? "" }
        }
        let shown = printable(text, limit: 200)
        return shown.isEmpty ? "" : ": " + shown
    }
}

/// Reads the fields of a message of Protocol Buffers; any bytes do no harm.
struct ProtobufReader {
    enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    private var bytes: ArraySlice<UInt8>
    /// True once something was no field.
    private(set) var isDamaged = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
    }

    /// nil at the end, or where something is no field.
    mutating func next() -> (number: UInt64, value: Value)? {
        guard !bytes.isEmpty else { return nil }
        guard let key = varint(), let value = value(key & 7) else {
            isDamaged = true
            return nil
        }
        return (key >> 3, value)
    }

    private mutating func value(_ type: UInt64) -> Value? {
        switch type {
        case 0: varint().map { .number($0) }
        case 1: part(8).map { .bytes($0) }
        case 2: varint().flatMap { part($0) }.map { .bytes($0) }
        case 5: part(4).map { .bytes($0) }
        default: nil
        }
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    private mutating func part(_ length: UInt64) -> ArraySlice<UInt8>? {
        guard length <= UInt64(bytes.count) else { return nil }
        defer { bytes = bytes.dropFirst(Int(length)) }
        return bytes.prefix(Int(length))
    }
}
