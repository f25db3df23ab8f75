export function ModelsPage({ id }: { id?: string }) { return <h1>ModelsPage {id}</h1>; }
