internal import FoundationEssentials
internal import Linux

extension PushAnswer {
    /// The body of an answer, which may be anything.
    struct Body {
        let bytes: [UInt8]
        let isJSON: Bool
        /// Where it says so: text may look like a message.
        let isText: Bool

        private struct Answer: Decodable {
            struct Success: Decodable {
                var rejectedDataPoints: FlexibleInteger?
                var errorMessage: String?
            }
            var partialSuccess: Success?
        }

        /// A string, as 64-bit integers are in OTLP's JSON; some write a number.
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

        private struct Status: Decodable {
            var message: String?
        }

        /// Of an `ExportMetricsServiceResponse`; 0 and no words where it is none.
        var partialSuccess: (rejected: UInt64, message: String) {
            if isJSON {
                let partial = try? JSONDecoder().decode(Answer.self, from: Data(bytes)).partialSuccess
                return (partial?.rejectedDataPoints?.value ?? 0, partial?.errorMessage ?? "")
            }
            var found: (rejected: UInt64, message: String) = (0, "")
            var reader = ProtobufReader(bytes[...])
            while let field = reader.next() {
                guard field.number == 1, case .bytes(let bytes) = field.value else { continue }
                var partial = ProtobufReader(bytes)
                while let field = partial.next() {
                    switch (field.number, field.value) {
                    case (1, .number(let count)) where count <= Int64.max: found.rejected = count
                    case (2, .bytes(let text)): found.message = String(decoding: text, as: UTF8.self)
                    default: break
                    }
                }
            }
            return found
        }

        /// Its beginning, where that is text.
        private var readable: String { String(validating: bytes.prefix(500), as: UTF8.self) ?? "" }

        /// `: words` of a `google.rpc.Status`, or of text; empty where there are none.
        var words: String {
            var text = ""
            if isJSON {
                text = (try? JSONDecoder().decode(Status.self, from: Data(bytes)).message) ?? ""
            } else if isText {
                text = readable
            } else {
                var reader = ProtobufReader(bytes[...])
                while let field = reader.next() {
                    if field.number == 2, case .bytes(let bytes) = field.value {
                        text = String(validating: bytes, as: UTF8.self) ?? ""
                    }
                }
                if reader.isDamaged { text = readable }
            }
            let shown = printable(text, limit: 200)
            return shown.isEmpty ? "" : ": " + shown
        }
    }
}
