import { bucketAccessBlockComplete } from "./security/bucketAccessBlockComplete";
import { bucketEncrypted } from "./security/bucketEncrypted";
import { bucketHasAccessBlock } from "./security/bucketHasAccessBlock";
import { bucketNotPublic } from "./security/bucketNotPublic";
import { bucketTlsOnly } from "./security/bucketTlsOnly";
import { buildPodsIsolated } from "./security/buildPodsIsolated";
import { buildPodsWithoutIdentity } from "./security/buildPodsWithoutIdentity";
import { buildPodsWithoutToken } from "./security/buildPodsWithoutToken";
import { cachePerNamespace } from "./security/cachePerNamespace";
import { chartPinned } from "./security/chartPinned";
import { clusterApiAuthentication } from "./security/clusterApiAuthentication";
import { clusterEndpointNotOpen } from "./security/clusterEndpointNotOpen";
import { clusterLogs } from "./security/clusterLogs";
import { clusterSecretsEncrypted } from "./security/clusterSecretsEncrypted";
import { containerNoEscalation } from "./security/containerNoEscalation";
import { containerNotRoot } from "./security/containerNotRoot";
import { containerReadOnlyRoot } from "./security/containerReadOnlyRoot";
import { deploymentIsolated } from "./security/deploymentIsolated";
import { egressWithoutMetadata } from "./security/egressWithoutMetadata";
import { iamNoBroadManagedPolicies } from "./security/iamNoBroadManagedPolicies";
import { iamNoWildcards } from "./security/iamNoWildcards";
import { imagePinned } from "./security/imagePinned";
import { imagesImmutable } from "./security/imagesImmutable";
import { imagesScanned } from "./security/imagesScanned";
import { ingressNotOpen } from "./security/ingressNotOpen";
import { loadBalancerTls } from "./security/loadBalancerTls";
import { namespacePodSecurity } from "./security/namespacePodSecurity";
import { networkPolicyEnforced } from "./security/networkPolicyEnforced";
import { noSecretInEnvironment } from "./security/noSecretInEnvironment";
import { podIdentityTrust } from "./security/podIdentityTrust";
import { podNotPrivileged } from "./security/podNotPrivileged";
import { rbacNoWildcards } from "./security/rbacNoWildcards";
import { storageEncrypted } from "./security/storageEncrypted";
import { autoscalerBounds } from "./reliability/autoscalerBounds";
import { autoscalerHasRequests } from "./reliability/autoscalerHasRequests";
import { autoscalerOwnsReplicas } from "./reliability/autoscalerOwnsReplicas";
import { clusterHasCharts } from "./reliability/clusterHasCharts";
import { clusterVersionSupported } from "./reliability/clusterVersionSupported";
import { containerProbes } from "./reliability/containerProbes";
import { containerResources } from "./reliability/containerResources";
import { deploymentHasDisruptionBudget } from "./reliability/deploymentHasDisruptionBudget";
import { disruptionBudgetPermitsDrain } from "./reliability/disruptionBudgetPermitsDrain";
import { knativeKubernetesVersion } from "./reliability/knativeKubernetesVersion";
import { lifecycleKeepsRunningImages } from "./reliability/lifecycleKeepsRunningImages";
import { productionReplicated } from "./reliability/productionReplicated";
import { providerClusterIdentifier } from "./reliability/providerClusterIdentifier";
import { statefulProtected } from "./reliability/statefulProtected";
import { topologySpread } from "./reliability/topologySpread";
import { accelerationWhereNamed } from "./cost/accelerationWhereNamed";
import { cacheOutlivesTtl } from "./cost/cacheOutlivesTtl";
import { cacheRepositoriesMutable } from "./cost/cacheRepositoriesMutable";
import { clusterStandardSupport } from "./cost/clusterStandardSupport";
import { ec2Quota } from "./cost/ec2Quota";
import { jobLimitFitsNodePool } from "./cost/jobLimitFitsNodePool";
import { jobLimitFitsQueue } from "./cost/jobLimitFitsQueue";
import { jobLimitReached } from "./cost/jobLimitReached";
import { kanikoCacheOn } from "./cost/kanikoCacheOn";
import { kanikoImageMaintained } from "./cost/kanikoImageMaintained";
import { kanikoResources } from "./cost/kanikoResources";
import { keepAliveFew } from "./cost/keepAliveFew";
import { logRetention } from "./cost/logRetention";
import { nodePoolLimits } from "./cost/nodePoolLimits";
import { repositoryHasLifecycle } from "./cost/repositoryHasLifecycle";
import { requiredTags } from "./cost/requiredTags";

/** Every policy of the pack, by what it guards, in the order of docs/policies.md. */
export const groups = {
  security: [
    bucketAccessBlockComplete,
    bucketEncrypted,
    bucketHasAccessBlock,
    bucketNotPublic,
    bucketTlsOnly,
    buildPodsIsolated,
    buildPodsWithoutIdentity,
    buildPodsWithoutToken,
    cachePerNamespace,
    chartPinned,
    clusterApiAuthentication,
    clusterEndpointNotOpen,
    clusterLogs,
    clusterSecretsEncrypted,
    containerNoEscalation,
    containerNotRoot,
    containerReadOnlyRoot,
    deploymentIsolated,
    egressWithoutMetadata,
    iamNoBroadManagedPolicies,
    iamNoWildcards,
    imagePinned,
    imagesImmutable,
    imagesScanned,
    ingressNotOpen,
    loadBalancerTls,
    namespacePodSecurity,
    networkPolicyEnforced,
    noSecretInEnvironment,
    podIdentityTrust,
    podNotPrivileged,
    rbacNoWildcards,
    storageEncrypted,
  ],
  reliability: [
    autoscalerBounds,
    autoscalerHasRequests,
    autoscalerOwnsReplicas,
    clusterHasCharts,
    clusterVersionSupported,
    containerProbes,
    containerResources,
    deploymentHasDisruptionBudget,
    disruptionBudgetPermitsDrain,
    knativeKubernetesVersion,
    lifecycleKeepsRunningImages,
    productionReplicated,
    providerClusterIdentifier,
    statefulProtected,
    topologySpread,
  ],
  cost: [
    accelerationWhereNamed,
    cacheOutlivesTtl,
    cacheRepositoriesMutable,
    clusterStandardSupport,
    ec2Quota,
    jobLimitFitsNodePool,
    jobLimitFitsQueue,
    jobLimitReached,
    kanikoCacheOn,
    kanikoImageMaintained,
    kanikoResources,
    keepAliveFew,
    logRetention,
    nodePoolLimits,
    repositoryHasLifecycle,
    requiredTags,
  ],
} as const;

export const policies = Object.values(groups).flat();
