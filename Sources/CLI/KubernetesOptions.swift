package import ArgumentParser
internal import Settings

/// Where labels, owners and requests of the node's pods come from.
package struct KubernetesOptions: SettingOptions {
    @Option(.kubernetes) package var source: FlagValue?
    @Option(.kubernetesURL) package var url: FlagValue?
    @Option(.kubernetesToken) package var tokenFile: FlagValue?
    @Option(.kubernetesAuthority) package var authorityFile: FlagValue?
    @Option(.kubernetesLabels) package var labels: FlagValue?
    @Option(.kubernetesAnnotations) package var annotations: FlagValue?

    package init() {}
}
