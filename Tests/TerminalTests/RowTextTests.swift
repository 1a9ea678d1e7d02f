import Testing

@testable import Terminal

@Suite struct RowTextTests {
    @Test func aContainerIsAskedForByItsNames() {
        var row = Row(id: "container:c0", kind: "container", name: "main", detail: "")
        row.labels = [
            "k8s.namespace.name": "shop", "k8s.pod.name": "web-x2", "k8s.container.name": "main", "container.id": "c0",
        ]
        let texts = Dictionary(uniqueKeysWithValues: RowText.all(row).map { ($0.title, $0.text) })
        #expect(
            texts["PromQL"] == "sum(rate(energyd_container_energy_joules_total{k8s_namespace_name=\"shop\","
                + "k8s_pod_name=\"web-x2\",k8s_container_name=\"main\"}[5m]))")
        #expect(texts["kubectl"] == "kubectl -n shop describe pod web-x2")
        #expect(
            texts["JSON"] == "energyctl top --once --output json | jq '.workloads[] | select(.id == \"container:c0\")'")
    }

    /// What is pasted must not do what a name says.
    @Test func namesCannotEndTheirQuotes() {
        var row = Row(id: "x'; rm -rf /", kind: "pod", name: "x", detail: "")
        row.labels = ["k8s.namespace.name": "$(reboot)", "k8s.pod.name": "a'b\"c\n"]
        let texts = Dictionary(uniqueKeysWithValues: RowText.all(row).map { ($0.title, $0.text) })
        #expect(texts["kubectl"] == "kubectl -n '$(reboot)' describe pod 'a'\\''b\"c\\u{a}'")
        #expect(texts["PromQL"]?.contains("k8s_pod_name=\"a'b\\\"c\\\\u{a}\"") == true)
        #expect(texts["JSON"]?.hasSuffix("select(.id == \"x'\\''; rm -rf /\")'") == true)
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func theClipboardIsBase64(text: String, encoded: String) {
        #expect(Clipboard.sequence(text) == "\u{1B}]52;c;\(encoded)\u{07}")
    }
}
