internal import Glibc

/// Main memory in bytes by `/proc/meminfo`; nil where that cannot be read.
package func totalMemoryBytes(procfs: String) -> UInt64? {
    guard let text = try? readText(procfs + "/meminfo") else { return nil }
    for line in lines(of: text) where line.hasPrefix("MemTotal:") {
        let words = line.split(separator: " ")
        guard words.count >= 2, let kilobytes = UInt64(words[1]) else { return nil }
        let (bytes, isTooMuch) = kilobytes.multipliedReportingOverflow(by: 1024)
        return isTooMuch ? nil : bytes
    }
    return nil
}

/// The machine's name. `gethostname(2)`
package func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
