extension Pod {
    /// The owner that a person would name: the Deployment of a ReplicaSet, the CronJob of a Job. Derived from the rules by
    /// which controllers name their objects, so that no permission to read those is needed.
    var owner: (kind: String, name: String)? {
        // Others only keep it from being left behind when they are deleted.
        guard let owner = metadata.ownerReferences?.first(where: { $0.controller == true }), owner.kind != "Node" else {
            return nil
        }
        switch owner.kind {
        case "ReplicaSet":
            // NAME-HASH, and the pod has the hash as a label.
            if let name = Self.prefix(of: owner.name, before: metadata.labels?["pod-template-hash"]) {
                return ("Deployment", name)
            }
            if let name = Self.prefix(of: owner.name, before: metadata.labels?["rollouts-pod-template-hash"]) {
                return ("Rollout", name)
            }
        case "ReplicationController":
            // Of OpenShift.
            if let name = metadata.annotations?["openshift.io/deployment-config.name"], owner.name.hasPrefix(name + "-")
            {
                return ("DeploymentConfig", name)
            }
        case "Job":
            if let dash = owner.name.lastIndex(of: "-"), dash > owner.name.startIndex,
                isScheduledTime(owner.name[owner.name.index(after: dash)...])
            {
                return ("CronJob", String(owner.name[..<dash]))
            }
        default: break
        }
        return (owner.kind, owner.name)
    }

    private static func prefix(of name: String, before hash: String?) -> String? {
        guard let hash, !hash.isEmpty, name.hasSuffix("-\(hash)"), name.count > hash.count + 1 else { return nil }
        return String(name.dropLast(hash.count + 1))
    }

    /// Whether a CronJob would have put it at the end of a Job's name: the time at which the Job was due, in minutes since
    /// 1970, before Kubernetes 1.21 in seconds of whole minutes. Its pods are made then, or again within a day. Where it is
    /// not known when that was: minutes of the years 2021 to 2046, which no date written as YYYYMMDD is, and seconds of 2017
    /// to 2027.
    private func isScheduledTime(_ text: Substring) -> Bool {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            text.utf8.first != UInt8(ascii: "0"), let number = Int(text)
        else { return false }
        let isMinutes = (27_000_000...40_000_000).contains(number)
        guard isMinutes || (1_500_000_000...1_800_000_000).contains(number) && number % 60 == 0 else { return false }
        guard let created = metadata.creationTimestamp.flatMap(Self.seconds) else { return true }
        let due = isMinutes ? number * 60 : number
        // Two clocks may differ a little.
        return (-60...86400).contains(created - due)
    }

    /// The seconds since 1970 of `YYYY-MM-DDThh:mm:ssZ`; nil for anything else.
    static func seconds(_ timestamp: String) -> Int? {
        let bytes = Array(timestamp.utf8)
        guard bytes.count == 20, bytes[10] == UInt8(ascii: "T"), bytes[19] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int? { Int(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        // Years that begin in March, so that the leap day is their last; 719468 days lie between that of year 0 and 1970.
        let (year3, month3) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        let days = 365 * year3 + year3 / 4 - year3 / 100 + year3 / 400 + (153 * month3 + 2) / 5 + day - 1 - 719_468
        return ((days * 24 + hour) * 60 + minute) * 60 + second
    }
}
