/// `NAMESPACE_POD_UID`: neither of the three can hold a `_`.
struct PodLogDirectory: Equatable {
    let namespace: String
    let name: String
    let uid: String

    /// The guest of a KubeVirt pod, `virt-launcher-GUEST-RANDOM`; nil for other pods, and where Kubernetes has cut the name
    /// of the guest. A pod that is only called so has no container ``compute``.
    var virtualMachine: String? {
        guard name.utf8.count < 63, name.hasPrefix("virt-launcher-"), let dash = name.lastIndex(of: "-") else {
            return nil
        }
        let guest = name[..<dash].dropFirst("virt-launcher-".count)
        return guest.isEmpty ? nil : String(guest)
    }

    /// The container in which a guest of KubeVirt runs.
    static let compute = "compute"

    init?(_ entry: String) {
        guard let parts = threeParts(entry[...]) else { return nil }
        (namespace, name, uid) = (String(parts.0), String(parts.1), String(parts.2))
    }
}

/// `POD_NAMESPACE_CONTAINER-ID.log`; the id is cut where the name would be longer than 255 bytes.
struct ContainerLogLink: Equatable {
    let pod: String
    let namespace: String
    let container: String
    let id: String

    /// Runtimes write 64 digits.
    var key: NameKey { id.utf8.count == 64 ? .container(id) : .container(beginning: id) }

    init?(_ entry: String) {
        let suffix = ".log".utf8
        guard entry.utf8.suffix(suffix.count).elementsEqual(suffix),
            let parts = threeParts(Substring(entry.utf8.dropLast(suffix.count))),
            let dash = parts.2.utf8.lastIndex(of: UInt8(ascii: "-")), dash > parts.2.startIndex
        else { return nil }
        let id = parts.2[parts.2.utf8.index(after: dash)...]
        let isID = id.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard isID, id.utf8.count >= 12 else { return nil }
        (pod, namespace) = (String(parts.0), String(parts.1))
        (container, self.id) = (String(parts.2[..<dash]), String(id))
    }
}

/// What two `_` separate; nil where there are more or fewer, or nothing between them. Without a list of them: this is
/// most of what a name costs.
private func threeParts(_ text: Substring) -> (Substring, Substring, Substring)? {
    let (bytes, separator) = (text.utf8, UInt8(ascii: "_"))
    guard let first = bytes.firstIndex(of: separator), let last = bytes.lastIndex(of: separator), first < last,
        !bytes[bytes.index(after: first)..<last].contains(separator)
    else { return nil }
    let parts = (text[..<first], text[bytes.index(after: first)..<last], text[bytes.index(after: last)...])
    return parts.0.isEmpty || parts.1.isEmpty || parts.2.isEmpty ? nil : parts
}
