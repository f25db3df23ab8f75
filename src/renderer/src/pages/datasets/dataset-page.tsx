export function DatasetPage({ id }: { id: string }) { return <h1>DatasetPage {id}</h1>; }
