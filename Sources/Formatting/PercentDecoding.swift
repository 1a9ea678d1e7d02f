/// The text that is percent-encoded in some bytes (RFC 3986, 2.1); nil where a `%` is not followed by two hexadecimal
/// digits, or the result is not UTF-8. Linear in the length.
///
/// - Parameter plusIsBlank: whether a plus sign is a blank, as in HTML forms.
package func percentDecoded(_ bytes: some Sequence<UInt8>, plusIsBlank: Bool = false) -> String? {
    var decoded: [UInt8] = []
    var rest = bytes.makeIterator()
    while let byte = rest.next() {
        switch byte {
        case UInt8(ascii: "+") where plusIsBlank: decoded.append(UInt8(ascii: " "))
        case UInt8(ascii: "%"):
            guard let high = rest.next().flatMap(hexadecimal), let low = rest.next().flatMap(hexadecimal) else {
                return nil
            }
            decoded.append(high << 4 | low)
        default: decoded.append(byte)
        }
    }
    return String(validating: decoded, as: UTF8.self)
}

/// The value of a hexadecimal digit.
private func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
