internal import CLibbpf
internal import Glibc
internal import Synchronization

/// What libbpf prints, kept for the error that follows instead of going to standard error.
enum MessageLog {
    private static let lines = Mutex<[String]>([])
    /// Enough for the verifier's last instructions and its verdict.
    private static let kept = 6
    /// Messages that do not help to find the cause.
    private static let noise = [
        "-- BEGIN PROG LOAD LOG", "-- END PROG LOAD LOG", "processed ", "failed to load object", "failed to load: -",
        "arg#0 type", "arg#0 reference type",
    ]

    /// Routes libbpf's messages here; the first use does it, once per process.
    static let isInstalled: Bool = {
        _ = unsafe libbpf_set_print { level, format, arguments in
            guard let format = unsafe format, let arguments = unsafe arguments, level.rawValue <= LIBBPF_INFO.rawValue
            else { return 0 }
            var buffer = [CChar](repeating: 0, count: 2048)
            let length = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
                unsafe vsnprintf(buffer.baseAddress, buffer.count, format, arguments)
            }
            guard length > 0 else { return length }
            MessageLog.append(String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
            return length
        }
        return true
    }()

    /// The messages since the last call, the oldest cut away.
    static func take() -> [String] {
        lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }

    private static func append(_ text: String) {
        let fresh = text.split(whereSeparator: \.isNewline)
            .map { $0.trimmingPrefix("libbpf: ") }
            .filter { line in !line.isEmpty && !noise.contains { line.contains($0) } }
            .map(String.init)
        lines.withLock { lines in
            lines.append(contentsOf: fresh)
            lines.removeFirst(max(0, lines.count - kept))
        }
    }
}
