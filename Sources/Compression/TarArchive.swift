/// A tar archive of small files, as every tar reads it: POSIX.1-1988, `ustar`.
package struct TarArchive {
    /// Of the files, in the order in which they were added.
    package private(set) var names: [String] = []
    private var content: [UInt8] = []

    private static let blockSize = 512

    package init() {}

    /// - Parameter name: at most 100 bytes.
    package mutating func append(_ name: String, _ bytes: [UInt8]) {
        names.append(name)
        var header = [UInt8](repeating: 0, count: Self.blockSize)
        func put(_ text: String, at place: Int, length: Int) {
            for (offset, byte) in text.utf8.prefix(length).enumerated() { header[place + offset] = byte }
        }
        func put(octal number: Int, at place: Int, digits: Int) {
            let text = String(number, radix: 8)
            put(String(repeating: "0", count: max(0, digits - text.utf8.count)) + text, at: place, length: digits)
        }
        put(name, at: 0, length: 100)
        put(octal: 0o600, at: 100, digits: 7)
        put(octal: 0, at: 108, digits: 7)
        put(octal: 0, at: 116, digits: 7)
        put(octal: bytes.count, at: 124, digits: 11)
        put(octal: 0, at: 136, digits: 11)
        put("        0", at: 148, length: 9)
        put("ustar", at: 257, length: 5)
        put("00", at: 263, length: 2)
        // Computed with spaces in its place.
        put(octal: header.reduce(0) { $0 + Int($1) }, at: 148, digits: 6)
        header[154] = 0
        content += header + bytes
        content += [UInt8](repeating: 0, count: (Self.blockSize - bytes.count % Self.blockSize) % Self.blockSize)
    }

    /// The whole archive.
    package func bytes() -> [UInt8] { content + [UInt8](repeating: 0, count: 2 * Self.blockSize) }
}
