/// Finds the pieces of a JSON object or array without reading what is in them. Only for JSON without white space, as the
/// agent writes it; nil for anything else.
enum JSONPieces {
    /// Keys, as they are written, and values.
    static func members(of object: ArraySlice<UInt8>) -> [(key: String, value: ArraySlice<UInt8>)]? {
        pieces(of: object, "{", "}")?.reduce(into: []) { members, piece in
            // A key of ours has no escape sequence.
            guard members != nil, piece.first == UInt8(ascii: "\""),
                let end = piece.dropFirst().firstIndex(of: UInt8(ascii: "\"")), end + 1 < piece.endIndex,
                piece[end + 1] == UInt8(ascii: ":"),
                let key = String(validating: piece[(piece.startIndex + 1)..<end], as: UTF8.self)
            else { return members = nil }
            members?.append((key, piece[(end + 2)...]))
        }
    }

    static func elements(of array: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? { pieces(of: array, "[", "]") }

    /// What commas separate between two brackets.
    private static func pieces(
        of text: ArraySlice<UInt8>, _ open: Unicode.Scalar, _ close: Unicode.Scalar
    ) -> [ArraySlice<UInt8>]? {
        guard text.count >= 2, text.first == UInt8(ascii: open), text.last == UInt8(ascii: close) else { return nil }
        let inner = text.dropFirst().dropLast()
        guard !inner.isEmpty else { return [] }
        var pieces: [ArraySlice<UInt8>] = []
        var (start, depth) = (inner.startIndex, 0)
        var (isText, isEscaped) = (false, false)
        for index in inner.indices {
            let byte = inner[index]
            if isText {
                isText = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ",") where depth == 0:
                pieces.append(inner[start..<index])
                start = index + 1
            default: break
            }
            guard depth >= 0 else { return nil }
        }
        guard depth == 0, !isText else { return nil }
        return pieces + [inner[start...]]
    }
}
