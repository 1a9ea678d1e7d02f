/// The candidate that `word` is most likely a misspelling of; nil where none is near. O(candidates x length²).
package func nearest(to word: String, among candidates: [String]) -> String? {
    func distance(_ candidate: String) -> Int { editDistance(Array(word.utf8.prefix(100)), Array(candidate.utf8)) }
    let best = candidates.map { (distance: distance($0), name: $0) }.min { $0.distance < $1.distance }
    return best.flatMap { $0.distance <= max(1, $0.name.utf8.count / 3) ? $0.name : nil }
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (optimal string
/// alignment).
func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var earlier: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var cost = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, earlier[j - 1] + 1) }
            row.append(cost)
        }
        (earlier, last) = (last, row)
    }
    return last[b.count]
}
