/// A text that another system wrote, as UTF-8 without its byte order mark. UTF-16 is recognized by that mark only.
package func withoutByteOrderMark(_ bytes: [UInt8]) -> [UInt8] {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return Array(bytes.dropFirst(3)) }
    let isLittle = bytes.starts(with: [0xFF, 0xFE])
    guard isLittle || bytes.starts(with: [0xFE, 0xFF]) else { return bytes }
    let units = stride(from: 2, to: bytes.count - 1, by: 2).map { index in
        let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
        return isLittle ? second << 8 | first : first << 8 | second
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
}

/// The first line of a small regular file, as written on any system: without a byte order mark, a carriage return or
/// blanks at its end. Bytes, because a password need not be UTF-8. Empty where the file is.
package func readFirstLine(_ path: String, limit: Int = 1 << 16) throws(HostError) -> [UInt8] {
    let text = withoutByteOrderMark(try readNamedFile(path, limit: limit))
    let isLineEnd = { (byte: UInt8) in byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
    var line = text.drop(while: isLineEnd).prefix { !isLineEnd($0) }
    while let last = line.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") { line.removeLast() }
    return Array(line)
}
