/// The body of an answer without its content coding, RFC 9110, section 8.4.1: `gzip` and `x-gzip` of any number of
/// members, `deflate` with and without the frame of zlib (servers write both), names in any case. What says that it is
/// gzip and is not is taken as it stands.
///
/// - Parameters:
///   - coding: the header `Content-Encoding`; nil for none.
///   - limit: most bytes that may come out.
package func unpacked(_ body: [UInt8], coding: String?, limit: Int) throws(InflateFailure) -> [UInt8] {
    switch coding?.lowercased() ?? "" {
    case "identity", "": return body
    case "gzip", "x-gzip": return try gunzipped(body, limit: limit)
    case "deflate": return try undeflated(body, limit: limit)
    default: throw .unknownCoding
    }
}

/// RFC 1952. What follows the last member, zeros as a rule, is left out.
private func gunzipped(_ body: [UInt8], limit: Int) throws(InflateFailure) -> [UInt8] {
    guard body.starts(with: [0x1F, 0x8B]) else { return body }
    var output: [UInt8] = []
    var position = 0
    while body[position...].starts(with: [0x1F, 0x8B, 8]) {
        let member = try inflated(body, from: try endOfHeader(body, at: position), limit: limit - output.count)
        // A checksum and the size.
        position = member.end + 8
        guard position <= body.count else { throw .damaged }
        let size = (1...4).reduce(0) { $0 << 8 | Int(body[position - $1]) }
        guard size == member.output.count else { throw .damaged }
        output += member.output
    }
    guard position > 0 else { throw .damaged }
    return output
}

/// Where the data of the member begins whose header is at the position.
private func endOfHeader(_ body: [UInt8], at start: Int) throws(InflateFailure) -> Int {
    guard body.count - start >= 10 else { throw .damaged }
    let flags = body[start + 3]
    var position = start + 10
    if flags & 4 != 0 {
        guard body.count - position >= 2 else { throw .damaged }
        position += 2 + Int(body[position]) + Int(body[position + 1]) << 8
    }
    // A name and a comment.
    for flag: UInt8 in [8, 16] where flags & flag != 0 {
        guard position < body.count, let end = body[position...].firstIndex(of: 0) else { throw .damaged }
        position = end + 1
    }
    if flags & 2 != 0 { position += 2 }
    guard position <= body.count else { throw .damaged }
    return position
}

private func undeflated(_ body: [UInt8], limit: Int) throws(InflateFailure) -> [UInt8] {
    // RFC 1950, section 2.2: 15 bits of window at most, no dictionary, and a multiple of 31.
    let hasFrame =
        body.count > 2 && body[0] & 15 == 8 && body[1] & 32 == 0 && (Int(body[0]) << 8 | Int(body[1])) % 31 == 0
    if hasFrame {
        do throws(InflateFailure) {
            return try inflated(body, from: 2, limit: limit).output
        } catch {
            if error == .tooLarge { throw error }
        }
    }
    return try inflated(body, from: 0, limit: limit).output
}
