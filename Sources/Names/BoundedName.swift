/// A name, label or description as it is kept: one that is too long is cut, and ends with a hash of all of it, so that
/// two that differ stay different. O(1) for what fits.
package func boundedName(_ text: String) -> String {
    let limit = 512
    guard text.utf8.count > limit else { return text }
    // FNV-1a.
    let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    let kept = text.unicodeScalars.prefix(limit)
    var result = ""
    for scalar in kept where result.utf8.count + 4 <= limit - 20 { result.unicodeScalars.append(scalar) }
    return result + "..." + String(repeating: "0", count: 16 - digits.count) + digits
}
