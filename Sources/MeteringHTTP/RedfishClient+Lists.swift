internal import Fetching
internal import Linux
internal import Metering

extension RedfishClient {
    private static let mostPages = 16
    /// How long a page after the first may take: the first ones are there already.
    private static let patienceWithPages = Duration.seconds(5)

    /// What a collection lists.
    struct Listing: Sendable {
        /// Paths, each once.
        var members: [String] = []
        /// What was left out, in words.
        var remarks: [String] = []

        /// True where it has every member.
        var isComplete: Bool { remarks.isEmpty }
    }

    /// The members of a collection, over all of its pages. A page that cannot be read is named, and those before it
    /// are used; throws where that is the first.
    ///
    /// - Parameter what: it lists, for messages.
    func list(_ root: String, of what: String, within patience: Duration) async throws(RedfishFault) -> Listing {
        var listing = Listing()
        var seen: Set<String> = []
        var pages: Set<String> = []
        var next: String? = root
        var foreign: [String] = []
        var total = 0
        while let path = next {
            guard pages.insert(path.withoutSlash).inserted, pages.count <= Self.mostPages else {
                listing.remarks.append("\(name(of: root)): its pages do not end; the first \(pages.count) are used")
                break
            }
            guard
                let page = try await page(path, of: what, isFirst: path == root, within: patience, &listing.remarks)
            else { break }
            for link in page.members {
                switch origin.target(of: link, from: path) {
                case .path(let member):
                    if seen.insert(member.withoutSlash).inserted { listing.members.append(member) }
                case .elsewhere, .invalid: foreign.append(link)
                }
            }
            total = max(total, page.total ?? 0)
            next = page.next.flatMap { following($0, from: path, &listing.remarks) }
        }
        if !foreign.isEmpty {
            listing.remarks.append("\(name(of: root)): \(foreign.count) links that leave the service are not followed")
        }
        let missing = total - listing.members.count - foreign.count
        if missing > 0, listing.isComplete {
            listing.remarks.append("\(name(of: root)): lists \(total) \(what), and \(missing) of them are not there")
        }
        return listing
    }

    private func page(
        _ path: String, of what: String, isFirst: Bool, within patience: Duration, _ remarks: inout [String]
    ) async throws(RedfishFault) -> RedfishPage? {
        do throws(RedfishFault) {
            let bytes = try await get(path, within: isFirst ? patience : min(patience, Self.patienceWithPages))
            if let page = RedfishPage(bytes) { return page }
            throw RedfishFault(.other, Diagnosis(.garbage, "\(name(of: path)): not a collection of \(what)"))
        } catch {
            if isFirst || error.kind == .credentials { throw error }
            remarks.append("skipped a page of \(what): \(error.diagnosis.finding)")
            return nil
        }
    }

    /// The path of the next page; nil where there is none.
    private func following(_ link: String, from path: String, _ remarks: inout [String]) -> String? {
        switch origin.target(of: link, from: path) {
        case .path(let next): return next
        case .elsewhere(let host):
            remarks.append("\(name(of: path)): the next page, on \(printable(host, limit: 80)), is not followed")
            return nil
        case .invalid: return nil
        }
    }
}
