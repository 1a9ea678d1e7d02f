internal import Formatting

/// What stands behind a row, to ask for it elsewhere.
enum RowText {
    struct Item: Equatable {
        var title: String
        var text: String
    }

    /// PromQL for what has metrics, `jq` for the JSON, `kubectl` for pods.
    static func all(_ row: Row) -> [Item] {
        var items: [Item] = []
        if let query = promQL(row) { items.append(Item(title: "PromQL", text: query)) }
        if let query = json(row) { items.append(Item(title: "JSON", text: query)) }
        if let command = kubectl(row) { items.append(Item(title: "kubectl", text: command)) }
        items.append(Item(title: "name", text: row.name.printable()))
        return items
    }

    /// The mean power of five minutes.
    private static func promQL(_ row: Row) -> String? {
        let labels: [String]
        switch row.kind {
        case "container": labels = ["k8s.namespace.name", "k8s.pod.name", "k8s.container.name", "container.id"]
        case "pod": labels = ["k8s.namespace.name", "k8s.pod.name", "k8s.pod.uid"]
        case "namespace": labels = ["k8s.namespace.name"]
        case "owner": labels = ["k8s.namespace.name", "k8s.owner.kind", "k8s.owner.name"]
        case "label": labels = ["energyd.label.name", "energyd.label.value"]
        case "unit": labels = ["systemd.unit"]
        case "job": labels = ["job.system", "job.id"]
        case "node": return "rate(energyd_node_energy_joules_total[5m])"
        case "part":
            let parts = ["part idle": "idle", "part kernel threads": "system", "part unattributed": "unattributed"]
            return parts[row.id].map { "rate(energyd_node_part_energy_joules_total{part=\"\($0)\"}[5m])" }
        default: return nil
        }
        // An id is only needed where there is no name.
        var found = labels.compactMap { key in row.labels[key].map { (key, $0) } }
        if found.count > 1 { found.removeAll { $0.0 == "container.id" || $0.0 == "k8s.pod.uid" } }
        guard !found.isEmpty else { return nil }
        let selector = found.map { "\($0.replacing(".", with: "_"))=\(quoted($1))" }.joined(separator: ",")
        return "sum(rate(energyd_\(row.kind)_energy_joules_total{\(selector)}[5m]))"
    }

    private static func json(_ row: Row) -> String? {
        let list: String
        let selection: String
        switch row.kind {
        case "process": (list, selection) = ("processes", ".pid == \(row.pid ?? 0)")
        case "owner", "label":
            (list, selection) = (
                "aggregates",
                ".kind == \(quoted(row.kind)) and .name == \(quoted(String(row.id.dropFirst(row.kind.count + 1))))"
            )
        case "part", "rest", Fleet.kind: return nil
        default: (list, selection) = ("workloads", ".id == \(quoted(row.id))")
        }
        return "energyctl top --once --output json | jq \(shellQuoted(".\(list)[] | select(\(selection))"))"
    }

    private static func kubectl(_ row: Row) -> String? {
        guard let namespace = row.labels["k8s.namespace.name"] else { return nil }
        if let pod = row.labels["k8s.pod.name"] {
            return "kubectl -n \(shellQuoted(namespace)) describe pod \(shellQuoted(pod))"
        }
        guard row.kind == "owner", let kind = row.labels["k8s.owner.kind"], let name = row.labels["k8s.owner.name"]
        else {
            return row.kind == "namespace" ? "kubectl -n \(shellQuoted(namespace)) top pod" : nil
        }
        return "kubectl -n \(shellQuoted(namespace)) describe \(shellQuoted(kind.lowercased())) \(shellQuoted(name))"
    }

    /// As a string of PromQL and JSON.
    private static func quoted(_ text: String) -> String {
        let escaped = text.printable().replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }

    /// As one word of a shell: names are chosen by users, and this is pasted.
    private static func shellQuoted(_ text: String) -> String {
        let text = text.printable()
        let isPlain =
            !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._/".contains($0)) }
        return isPlain && !text.hasPrefix("-") ? text : "'\(text.replacing("'", with: "'\\''"))'"
    }
}

/// The sequence that fills the clipboard of the terminal, OSC 52.
package enum Clipboard {
    package static func sequence(_ text: String) -> String { "\u{1B}]52;c;\(base64(Array(text.utf8)))\u{07}" }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let value = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? alphabet[value >> (18 - 6 * place) & 63] : "=")
            }
        }
        return text
    }
}
